/**
 * Every error name that StepUp raises. The names are API: Step Functions matches them, the runbook explains them,
 * callers script against them. They are literal, because a minifier renames classes.
 */
export const ERROR_NAMES = [
  // What the request asks for is not possible; nothing was changed.
  'RequestInvalid',
  'InputTooLarge',
  'GrantNotFound',
  'GrantNotAllowedHere',
  'DurationTooLong',
  'DocumentNotFound',
  'DocumentNotAllowed',
  'OutputNotAllowed',
  'HoldNotAllowed',
  'RequesterNotAllowed',
  'InstanceNotFound',
  'NotAnEc2Instance',
  'InstanceNotEnrolled',
  'InstanceNotRunning',
  'InstanceNotManaged',
  'AgentOffline',
  'InstanceBusy',
  'OriginalNotRestorable',
  'OriginalHasBoundary',
  'PolicyNotInheritable',
  'QuotaExceeded',
  'CeilingTooLow',
  // Something happened on the way; what had been changed was undone.
  'OriginalChanged',
  'ElevationClosed',
  'TempRoleForeign',
  'AssociationStuck',
  'IdentityNotProven',
  'CommandRejected',
  'CommandOutcomeUnknown',
  'CommandUndeliverable',
  'ScriptFailed',
  'ScriptTimedOut',
  'Superseded',
  'Released',
  'ElevationOverdue',
  // The undoing itself needs a person.
  'OriginalGone',
  'RecordTampered',
  'RestoreFailed',
  // AWS did not do what it was asked: denied; throttled, failing or silent after every retry; any other answer.
  'AwsAccessDenied',
  'AwsUnavailable',
  'AwsCallFailed',
] as const;

export type ErrorName = (typeof ERROR_NAMES)[number];

/** An error with one of our names. The message says what is wrong and what to do about it. */
export class StepUpError extends Error {
  override readonly name: ErrorName;

  constructor(name: ErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

export const isErrorName = (name: string): name is ErrorName => (ERROR_NAMES as readonly string[]).includes(name);
