/**
 * The calendar of EventBridge Scheduler: its expressions, and when they are due. A room of its own, because synth, the
 * command line and the embedded AWS all need it, and it knows of none of them: nothing of StepUp, nothing of AWS's SDK.
 */
export { type Expression, parseExpression } from './expression';
export { InvalidExpression } from './invalid';
export { nextOccurrences, type Recurrence } from './occurrences';
export { instantsOf, isTimeZone, timeZones, wallText } from './zone';
