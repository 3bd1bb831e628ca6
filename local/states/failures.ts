/** History's limits for `cause` and `error` (aws-facts-2 12.2). */
const LONGEST_CAUSE = 32_768;
const LONGEST_ERROR = 256;

/** An error of a state under its name: Retry and Catch may match it. */
export class StateFailure extends Error {
  readonly error: string;
  override readonly cause: string | undefined;
  constructor(error: string, cause?: string) {
    super(`${error}: ${cause ?? ''}`);
    this.error = error.slice(0, LONGEST_ERROR);
    this.cause = cause?.slice(0, LONGEST_CAUSE);
  }
}

/** A mistake of the definition, seen while a state runs. No Retry and no Catch sees it (aws-facts 5.1). */
export class RuntimeFailure extends Error {
  constructor(
    detail: string,
    readonly error = 'States.Runtime',
  ) {
    super(detail);
  }

  /** The same with the place, as AWS words it (aws-facts-2 12.3). */
  at(state: string, enteredEventId: number): StateFailure {
    const place = `An error occurred while executing the state '${state}' (entered at the event id #${enteredEventId}).`;
    return new StateFailure(this.error, `${place} ${this.message}`);
  }
}

/** Does an ErrorEquals list match the error? aws-facts 5.1. */
export function matches(errorEquals: string[], error: string): boolean {
  if (error === 'States.Runtime') return false;
  return errorEquals.some((name) => {
    if (name === 'States.ALL') return error !== 'States.DataLimitExceeded';
    if (name === 'States.TaskFailed') return error !== 'States.Timeout';
    return name === error;
  });
}

/** 256 KiB, UTF-8, for every state's input and output. */
export const LARGEST_DATA = 262_144;

/** @throws StateFailure States.DataLimitExceeded; `subject` is the state's name or the function's ARN */
export function checkSize(text: string, subject: string): void {
  if (Buffer.byteLength(text) <= LARGEST_DATA) return;
  const cause = `The state/task '${subject}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  throw new StateFailure('States.DataLimitExceeded', cause);
}
