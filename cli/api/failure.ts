import { type Problem, problemSchema } from '../../state-machine/api';
import { z } from '../../state-machine/schema';
import { EXIT, type ExitCode } from '../exitCodes';
import { awsFailure, CommandFailure } from '../failure';
import { optionOf } from '../requestOptions';

/** An answer of the API that is an error, or none that is its own, or no answer at all (status 0). */
export class ApiFailure extends CommandFailure {
  constructor(
    message: string,
    exitCode: ExitCode,
    readonly status: number,
    /** Name of the error, if the API said one. */
    readonly title: string = '',
  ) {
    super(message, exitCode);
  }

  /** Is it an answer that waiting does not change? */
  get isLasting(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 429;
  }
}

/** What can be read of an HTTP answer. */
export interface Answer {
  status: number;
  body: string;
}

/** What was asked for, to be said. */
export interface Asked {
  method: string;
  url: string;
}

/** Errors that are about who calls and whether AWS answers, rather than about what is asked for. */
const OF_AWS = ['NotSigned', 'NotAuthorized', 'TooManyRequests', 'Unavailable', 'AwsAccessDenied', 'AwsUnavailable'];

const HINTS: Record<string, string> = {
  NotSigned:
    'Look at the access key, its secret and the clock of this machine: does `aws sts get-caller-identity` work?',
  NotAuthorized: 'Ask for execute-api:Invoke on it, or look whose credentials these are: aws sts get-caller-identity.',
  RouteNotFound: 'Look at the URL of the API: it ends with the stage.',
  ElevationNotFound: '`stepup list` shows what there is.',
  GrantNotFound: '`stepup grants` lists them.',
  IdempotencyKeyReused: 'Give another --key, or none.',
};

/** @param answer with a status of 400 or more, or with a body that is not what was expected */
export function apiFailure({ status, body }: Answer, asked: Asked): ApiFailure {
  const problem = readProblem(body);
  if (!problem) return notOurs({ status, body }, asked);
  const { title, detail, errors = [], requestId } = problem;
  const fields = errors.map((error) => `  → ${[whereOf(error), error.detail].filter(Boolean).join(': ')}`);
  // The fields' own sentences are in the detail, too.
  const said = fields.length > 0 ? detail.replace(/\. .*$/s, '.') : detail;
  const what = `${title}: ${said}${title === 'NotAuthorized' ? `\n  ${asked.method} ${asked.url}` : ''}`;
  const isOfAws = OF_AWS.includes(title) || status >= 500;
  const hint = HINTS[title] ?? (isOfAws ? `Try again.${requestId ? ` (Request ${requestId}.)` : ''}` : '');
  const message = [what, ...fields, hint].filter(Boolean).join('\n');
  return new ApiFailure(message, isOfAws ? EXIT.awsFailed : EXIT.refused, status, title);
}

/** Another release has errors of names that this one does not know. */
const anyProblemSchema = z.extend(problemSchema, { title: z.string() });

function readProblem(body: string): z.infer<typeof anyProblemSchema> | undefined {
  try {
    return anyProblemSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/** A JSON pointer into the body is an option of the command line. */
function whereOf({ pointer, parameter, header }: NonNullable<Problem['errors']>[number]): string {
  if (pointer === undefined) return parameter ?? header ?? '';
  const field = pointer.slice(1).replaceAll('/', '.');
  return optionOf(field) ?? (field || 'the request');
}

const notOurs = ({ status, body }: Answer, { method, url }: Asked): ApiFailure =>
  new ApiFailure(
    `${method} ${url} was answered with ${status}, and not as StepUp's API answers: ${body.slice(0, 200) || '(nothing)'}\nLook at the URL of the API, and whether this command and the deployment are of one release.`,
    EXIT.awsFailed,
    status,
  );

/** There were no credentials to sign with. */
export class NotSent extends ApiFailure {
  constructor(error: unknown) {
    super(awsFailure(error).message, EXIT.awsFailed, 0);
  }

  override get isLasting(): boolean {
    return true;
  }
}

export function notReached(error: unknown, { url }: Asked): ApiFailure {
  const { cause, message, name } = error as Error & { cause?: { code?: string; message?: string } };
  const why = cause?.code ?? (error as { code?: string }).code ?? name;
  return new ApiFailure(
    `The API was not reached: ${why}: ${cause?.message ?? message}\nLook at the network, and at the URL of the API: ${url}`,
    EXIT.awsFailed,
    0,
  );
}
