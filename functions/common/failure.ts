import { isErrorName } from '../../state-machine/errors';
import { translate } from './awsErrors';
import type { Log } from './logging';
import { resay, withoutWork } from './redact';
import { isUnexpected } from './unexpected';

/**
 * Logs what an invocation failed with, and counts it if nobody but StepUp can have caused it.
 * @param request what was asked for, as it came: no bug may quote it
 * @returns the error under one of our names; a bug keeps its own
 */
export function reportFailure(log: Log, thrown: unknown, request: unknown): Error {
  const error = named(thrown, request);
  log.error('failed', { error: error.name, cause: error.message, stack: framesOf(error) });
  if (isUnexpected(error)) log.metrics({}, { as: 'UnexpectedErrors', errorName: error.name });
  return error;
}

function named(thrown: unknown, request: unknown): Error {
  const error = translate(thrown);
  // A bug's message may quote what it stumbled over. Ours quote no script and no parameter; see `send` for AWS's.
  if (!isErrorName(error.name)) return resay(error, withoutWork(error.message, request));
  // Lambda puts the stack into the Cause that people read in the console; a message that says what to do needs none.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** Where a bug is; undefined for what has one of our names. */
const framesOf = ({ name, stack = '' }: Error): string[] | undefined =>
  isErrorName(name)
    ? undefined
    : stack
        .split('\n')
        .filter((line) => line.startsWith('    at '))
        .slice(0, 10);
