import { type ErrorName, isErrorName, StepUpError } from '../../state-machine/errors';

/** An event that our own machines or rules cannot have sent: releases that do not fit together. */
export class EventNotUnderstood extends StepUpError {
  constructor(why: string) {
    super('RequestInvalid', `This function was called with an event that it does not understand. ${why}`);
  }
}

/**
 * Ours, and no requester can cause them: a permission or an SCP, an answer of AWS that nobody foresaw, a hand on our roles.
 * AwsUnavailable is not among them: it is tried again, and passes.
 */
const UNEXPECTED: ErrorName[] = ['AwsAccessDenied', 'AwsCallFailed', 'TempRoleForeign', 'RecordTampered'];

/** Does a function of StepUp need a look? A bug has none of our names. */
export const isUnexpected = (error: Error): boolean =>
  error instanceof EventNotUnderstood || !isErrorName(error.name) || UNEXPECTED.includes(error.name);
