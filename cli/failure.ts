import { EXIT, type ExitCode } from './exitCodes';

/** Ends the command with a sentence and an exit code; the sentence says what to do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    message: string,
    readonly exitCode: ExitCode,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** For what the caller can mend: nothing was started. */
export const refused = (message: string): CommandFailure => new CommandFailure(message, EXIT.refused);

type SdkError = Error & { code?: string; $metadata?: { httpStatusCode?: number } };

/** Keys that AWS does not take (aws-facts-2 10.5), and what they may not do. */
const BAD_KEYS = /UnrecognizedClient|InvalidSignature|IncompleteSignature|InvalidClientTokenId/;
const DENIED = /AccessDenied|ExpiredToken/;

/** By what the SDK throws, before and after it has reached AWS. */
const HINTS: [RegExp, string][] = [
  [/ProviderError$/, 'Set AWS_PROFILE or give --profile, and see that `aws sts get-caller-identity` works.'],
  [/^Region (is missing|not accepted)/, 'Set AWS_REGION, or give --region, such as eu-west-1.'],
  [/ExpiredToken/, 'The credentials have expired: get new ones.'],
  [BAD_KEYS, 'Look at the access key, its secret and the region: does `aws sts get-caller-identity` work?'],
  [
    /states:ListStateMachines/,
    "Only administrators of StepUp need that permission. Everybody else asks StepUp's API, by run, hold, release, status, list, grants and doctor: set STEPUP_API to its URL, or give --api.",
  ],
  [DENIED, 'Ask for that permission, or look whose credentials these are: aws sts get-caller-identity.'],
  [
    /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|ERR_INVALID_URL|TimeoutError)$/,
    'Look at the network, at the region, and at AWS_ENDPOINT_URL if it is set.',
  ],
];

/** An error of AWS, or on the way to it, as a sentence that says where to look. */
export function awsFailure(error: unknown): CommandFailure {
  const { name, message, code = name, $metadata } = error as SdkError;
  const [, hint] = HINTS.find(([pattern]) => [name, message, code].some((text) => pattern.test(text))) ?? [];
  const who = $metadata?.httpStatusCode ? 'AWS refused' : 'AWS was not reached';
  const said = `${who}: ${code}: ${message}\n${hint ?? 'Try again.'}`;
  return new CommandFailure(said, EXIT.awsFailed, { cause: error });
}

/** Does the error come from AWS or from the way to it, rather than from a mistake of ours? */
export function isAwsFailure(error: unknown): boolean {
  const { $metadata, code, name, message } = error as SdkError;
  return (
    Boolean($metadata) ||
    /^[A-Z_]{4,}$/.test(code ?? '') ||
    /ProviderError$/.test(name) ||
    /^Region (is missing|not accepted)/.test(message)
  );
}

export const isDenied = (error: unknown): boolean =>
  DENIED.test((error as Error).name) || BAD_KEYS.test((error as Error).name);

/** Did AWS itself say no, so that nothing was done? A lost answer says nothing. */
export function isDefiniteNo(error: unknown): boolean {
  const { $metadata } = error as SdkError;
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}
