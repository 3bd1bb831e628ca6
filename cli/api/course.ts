import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Elevation } from '../../state-machine/api';
import type { Document, Outcome } from '../../state-machine/document';
import { type Course, newCourse } from '../course';
import { type EndedScript, type Result, resultOf } from '../result';

export const resultOfElevation = (elevation: Elevation): Result => ({
  ...resultOf(courseOf(elevation), recoveryOf(elevation)),
  heldUntil: heldUntil(elevation) ?? null,
});

/** ISO 8601; undefined: it is not held, or not any more. */
export const heldUntil = ({ hold, state, status }: Elevation): string | undefined =>
  state === 'Hold' && status === 'RUNNING' ? hold?.until : undefined;

const STATES_THAT_SETTLE = ['Succeeded', 'ElevationFailed', 'RestoreFailed'];
const FOR_A_PERSON: Outcome['restored'][] = ['original-gone', 'stuck'];

/** An elevation as the API tells of it, in the form in which its history would be read. Its events are `eventsOf` it. */
export function courseOf(elevation: Elevation): Course {
  const { executionArn, status, timeline, outcome } = elevation;
  return {
    ...newCourse(executionArn),
    events: eventsOf(elevation).map(({ event }) => event),
    status: status === 'PENDING_REDRIVE' ? 'RUNNING' : status,
    entered: timeline.map(({ state }) => state),
    document: documentOf(elevation),
    error: outcome?.error ?? '',
    cause: outcome?.cause ?? '',
  };
}

function documentOf(elevation: Elevation): Partial<Document> {
  const { instanceId, grant, work, reason, requester, script, hold } = elevation;
  const outcome = outcomeOf(elevation);
  return {
    request: { instanceId, grant, work, reason, requester },
    ...(script && { script: { ...script, done: true, step: '', statusDetails: script.status } as EndedScript }),
    ...(hold && elevation.state !== 'Hold' && { hold: endOf(hold) }),
    ...(outcome && { outcome }),
  };
}

/** As it is in the document. */
const endOf = ({ released, since }: NonNullable<Elevation['hold']>) =>
  released === null ? { Error: 'States.Timeout', Cause: '' } : { released: { by: released, at: since } };

/** Restore's last word, if it had one: the API keeps it back as long as a recovery has to see to the instance. */
function outcomeOf({ status, timeline, outcome, recovery }: Elevation): Document['outcome'] {
  if (!outcome) return undefined;
  const { error, cause, notes, restored } = outcome;
  const entered = timeline.map(({ state }) => state);
  const last = entered.at(-1) ?? '';
  const gaveUp = entered.includes('RestoreGaveUp');
  const settled = STATES_THAT_SETTLE.includes(last) || (restored !== null && restored !== 'pending');
  if (status === 'RUNNING' || recovery || gaveUp || !settled) return undefined;
  const forPerson = last === 'RestoreFailed' || (restored !== null && FOR_A_PERSON.includes(restored));
  const result = status === 'SUCCEEDED' ? 'Succeeded' : forPerson ? 'RestoreFailed' : 'ElevationFailed';
  const rest = { done: true, waitSeconds: 0, since: '', tempRole: null };
  return { ...rest, result, restored: restored ?? 'nothing-to-undo', error, cause, notes };
}

/** The recovery, as far as the API tells of it. */
export function recoveryOf({ recovery, outcome }: Elevation): Course | undefined {
  if (!recovery) return undefined;
  const { executionArn, status } = recovery;
  const told = { notes: outcome?.notes ?? [] } as unknown as Document['outcome'];
  return {
    ...newCourse(executionArn),
    status: status === 'PENDING_REDRIVE' ? 'RUNNING' : status,
    document: { ...(told && { outcome: told }) },
  };
}

const ENDS = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
} as const;

/** What has happened by now, each with a key by which it is known again. A script has ended before Restore is entered. */
export function eventsOf(elevation: Elevation): { key: string; event: HistoryEvent }[] {
  const { timeline, script, status, started, stopped } = elevation;
  const states = timeline.map(({ state: name, entered }, at) => ({
    key: `state ${at}`,
    event: eventAt('TaskStateEntered', entered, { stateEnteredEventDetails: { name } }),
  }));
  const restores = timeline.findIndex(({ state }) => state === 'Restore');
  const cut = restores < 0 ? states.length : restores;
  const scriptEnded = timeline[cut]?.entered ?? timeline.at(-1)?.entered ?? started;
  const exited = { stateExitedEventDetails: { name: 'AwaitScript' } };
  const ended = ENDS[status as keyof typeof ENDS];
  return [
    { key: 'start', event: eventAt('ExecutionStarted', started, {}) },
    ...states.slice(0, cut),
    ...(script ? [{ key: 'script', event: eventAt('TaskStateExited', scriptEnded, exited) }] : []),
    ...states.slice(cut),
    ...(ended ? [{ key: 'end', event: eventAt(ended, stopped ?? started, {}) }] : []),
  ];
}

const eventAt = (type: HistoryEvent['type'], time: string, more: Partial<HistoryEvent>): HistoryEvent => ({
  ...more,
  type,
  id: 0,
  timestamp: new Date(time),
});
