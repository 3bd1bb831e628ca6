import { type AnsweredError, ERROR_STATUS, type Problem } from '../../state-machine/api';
import { isErrorName } from '../../state-machine/errors';
import { isThrottled, translate } from '../common/awsErrors';
import { isUnexpected } from '../common/unexpected';
import { type Answer, answer } from './answer';

/** One wrong field, and where it is. */
export type Wrong = NonNullable<Problem['errors']>[number];

/** The API says no. The message says what is wrong and what to do about it. */
export class Refusal extends Error {
  override readonly name: AnsweredError;
  readonly wrong: Wrong[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    name: AnsweredError,
    message: string,
    { wrong, headers = {} }: { wrong?: Wrong[]; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = name;
    this.wrong = wrong;
    this.headers = headers;
  }
}

/** @throws Refusal RequestInvalid if there is any */
export function requireNone(wrong: Wrong[]): void {
  if (wrong.length === 0) return;
  const said = wrong.map(({ pointer, parameter, header, detail }) =>
    [pointer || parameter || header, detail].filter(Boolean).join(': '),
  );
  throw new Refusal('RequestInvalid', `The request is not valid. ${said.join('; ')}.`.slice(0, 2_000), { wrong });
}

/** What a throttled caller waits for at least, in seconds: Step Functions' buckets have refilled a good part by then. */
const AFTER_THROTTLING = 2;
const AFTER_OUTAGE = 10;

const isAnswered = (name: string): name is AnsweredError => Object.hasOwn(ERROR_STATUS, name);

/** An error as the caller sees it: what is not the caller's doing has no internals. */
function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  const error = translate(thrown);
  if (error.name === 'AwsUnavailable') {
    return isThrottled(error.cause)
      ? new Refusal('TooManyRequests', 'AWS takes no more calls from this account just now: try again.', {
          headers: { 'Retry-After': String(AFTER_THROTTLING) },
        })
      : new Refusal(
          'Unavailable',
          'AWS did not answer in time: try again. The same Idempotency-Key starts nothing twice.',
          {
            headers: { 'Retry-After': String(AFTER_OUTAGE) },
          },
        );
  }
  if (error.name === 'AwsAccessDenied') {
    return new Refusal(
      'AwsAccessDenied',
      "AWS denied a call of StepUp itself: an administrator finds it by the request's id in the log of requestElevation.",
    );
  }
  if (isErrorName(error.name) && isAnswered(error.name) && !isUnexpected(error)) {
    return new Refusal(error.name, error.message);
  }
  return new Refusal(
    'AwsCallFailed',
    "StepUp could not answer: an administrator finds out why by the request's id in the log of requestElevation.",
  );
}

/**
 * An error as an answer: application/problem+json (RFC 9457).
 * @param runbook where its entries are
 */
export function problemOf(thrown: unknown, requestId: string | undefined, runbook: string): Answer {
  const { name, message, wrong, headers } = refusalOf(thrown);
  const problem: Problem = {
    type: `${runbook}#${name.toLowerCase()}`,
    title: name,
    status: ERROR_STATUS[name],
    detail: message,
    ...(wrong && { errors: wrong }),
    ...(requestId && { requestId }),
  };
  return answer(problem.status, problem, headers, 'application/problem+json');
}
