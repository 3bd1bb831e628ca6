import { isErrorName, StepUpError } from '../../state-machine/errors';
import { resay } from './redact';

/** What the SDK throws, as far as we look at it. */
interface SdkError extends Error {
  /** The wire code; `name` is the same but for modelled exceptions ('NoSuchEntityException'). */
  Code?: string;
  $metadata?: { httpStatusCode?: number };
  $retryable?: unknown;
  $fault?: 'client' | 'server';
}

/** The wire code of an AWS error, without the suffix 'Exception' that modelled IAM errors have. Undefined: no AWS answer. */
export function awsCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { Code, name } = error as SdkError;
  return (Code ?? name).replace(/Exception$/, '');
}

export const isAws = (error: unknown, ...codes: string[]): boolean => codes.includes(awsCode(error) ?? '');

/** aws-facts 2.2, 1.4; aws-facts-2 10.5: every spelling of 'slow down' in the services we call. */
const THROTTLED = [
  'Throttling',
  'ThrottledException',
  'RequestLimitExceeded',
  'TooManyRequests',
  'RequestThrottled',
  'SlowDown',
  'Throttled',
];
const DENIED = ['AccessDenied', 'UnauthorizedOperation', 'NotAuthorized'];

export const isThrottled = (error: unknown): boolean => isAws(error, ...THROTTLED);
export const isDenied = (error: unknown): boolean => isAws(error, ...DENIED);

/** Did AWS answer with a definite no? Then what was asked for did not happen. */
export function isDefiniteNo(error: unknown): boolean {
  const status = (error as SdkError).$metadata?.httpStatusCode;
  return awsCode(error) !== undefined && status !== undefined && status >= 400 && status < 500;
}

/**
 * Gives an error that is not ours one of our names, so that the state machine and the runbook know it: AwsAccessDenied,
 * AwsUnavailable (throttled, 5xx, no answer), QuotaExceeded (of IAM's), AwsCallFailed (any other answer). A bug keeps its own name.
 *
 * V8 quotes the text that it cannot parse, and that may be a run's history or an answer of SSM, with the request in it.
 */
export function translate(error: unknown): Error {
  if (error instanceof Error && isErrorName(error.name)) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  if (error.name === 'SyntaxError')
    resay(error, 'A text that should be JSON is not. It could be anything: it is not quoted.');
  const code = awsCode(error);
  const status = (error as SdkError).$metadata?.httpStatusCode;
  const said = `${code ?? error.name}: ${error.message}`;
  if (isDenied(error)) {
    return new StepUpError(
      'AwsAccessDenied',
      `AWS denied a call of StepUp. ${said} — compare the function's role and any SCP with this message.`,
      { cause: error },
    );
  }
  if (isThrottled(error) || (status !== undefined && status >= 500)) {
    return new StepUpError('AwsUnavailable', `AWS throttled or failed every attempt. ${said}`, { cause: error });
  }
  // Of IAM: there was room for it when it was looked at (aws-facts 2.2).
  if (isAws(error, 'LimitExceeded')) {
    return new StepUpError(
      'QuotaExceeded',
      `A quota of IAM was used up meanwhile. ${said} — wait until drained roles are deleted (stepup drains), or have the quota raised.`,
      { cause: error },
    );
  }
  if (code !== undefined && status !== undefined) {
    return new StepUpError('AwsCallFailed', `AWS refused a call of StepUp. ${said}`, { cause: error });
  }
  if (isNetworkError(error)) return new StepUpError('AwsUnavailable', `AWS did not answer. ${said}`, { cause: error });
  return error;
}

/** No answer at all: the request may or may not have been carried out. */
function isNetworkError(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return error.name === 'TimeoutError' || '$metadata' in error || (code?.startsWith('E') ?? false);
}
