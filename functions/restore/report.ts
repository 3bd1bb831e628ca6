import type { Outcome, TaskEvent } from '../../state-machine/document';
import { translate } from '../common/awsErrors';
import type { Log } from '../common/logging';
import type { Values } from '../common/metrics';
import type { Evidence } from './evidence';
import { NOT_YET } from './giveBack';
import type { Dependencies, Run } from './look';

/** What is known, before a look, of how long the instance has been elevated. */
export interface Elevated {
  /** Epoch ms: from the swap; where the run has not told when that was, from the making of the temp role. */
  from: number | undefined;
  /** Was the original seen to be back before? Then it has been counted. */
  ended: boolean;
  /** Has an earlier look, or an attempt at this one, begun to give it back? */
  begun: boolean;
}

export function elevatedBy({ document, state }: TaskEvent, { history, tempRole }: Evidence): Elevated {
  const earlier = document.outcome;
  const mayHaveSwapped = history === undefined || history.tempRoleId !== undefined;
  return {
    from: mayHaveSwapped ? (history?.swapped ?? tempRole?.role.CreateDate?.getTime()) : undefined,
    ended: tempRole?.state === 'draining' || (earlier !== undefined && !isAwaited(earlier)),
    begun: earlier !== undefined || (state.RetryCount ?? 0) > 0,
  };
}

/** Did the look wait for the profile, and not just for the run's last functions? */
const isAwaited = ({ notes }: Outcome): boolean => notes.some((note) => note.startsWith(NOT_YET));

/** Of the look that finds the original back by StepUp's hand, the first one: how long the instance was elevated. */
export function countElevated(
  { elevated: { from, ended, begun } }: Pick<Run, 'elevated'>,
  restored: Outcome['restored'],
  { clock, log }: Dependencies,
): void {
  const ours = restored === 'given-back' || restored === 'removed' || (restored === 'already-back' && begun);
  if (ours && !ended && from !== undefined) log.metrics({ SecondsElevated: (clock.now() - from) / 1_000 });
}

/**
 * Counts an invocation that looks, and says since when the run restores: also when it cannot read what there is to undo.
 * @param since epoch ms; undefined when the run was closed before, and there is nothing left to restore
 */
export const countAttempt = (since: number | undefined, { clock, log }: Dependencies): void =>
  log.metrics({
    RestoreAttempts: 1,
    ...(since !== undefined && { RestoringSeconds: Math.max(0, clock.now() - since) / 1_000 }),
  });

/** Counts what is thrown. Lambda's own Errors do not tell a refused rehearsal from a Restore that fails, or from a crash. */
export async function countingErrors<T>({ purpose }: TaskEvent, log: Log, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (purpose === 'rehearse') log.metrics({ RehearsalErrors: 1 });
    else log.metrics({}, { as: 'RestoreErrors', errorName: translate(error).name });
    throw error;
  }
}

/**
 * Says what a look came to; of the last one counts the end of the run. A look at a run that was closed before (by an
 * invocation whose answer was lost, by another recovery, in a redriven run) is no second end, unless it needs a person.
 */
export function reportLook({ purpose }: TaskEvent, closed: boolean, outcome: Outcome, log: Log): void {
  const { done, result, restored, notes, obstacle, error, since } = outcome;
  if (!done) {
    log.info('restoring', { notes, obstacle, since });
    return;
  }
  const said = { result, restored, notes, since, error: error || undefined };
  if (result === 'RestoreFailed') log.error('not restored', said);
  else log.info('restored', said);
  if (closed && result !== 'RestoreFailed') return;
  const succeeded = purpose === 'recover' ? 'ElevationsRecovered' : 'ElevationsSucceeded';
  const failed = result === 'ElevationFailed' ? 'ElevationsFailed' : 'RestoreFailed';
  if (result === 'Succeeded') log.metrics({ ...fateOf(outcome), [succeeded]: 1 });
  else log.metrics(fateOf(outcome), { as: failed, errorName: error });
}

/** What became of the instance's profile, and of the record. */
function fateOf({ restored, error }: Outcome): Values {
  const isBack = restored === 'given-back' || restored === 'already-back' || restored === 'removed';
  return {
    ...(isBack && { ElevationsRestored: 1 }),
    ...(restored === 'superseded' && { ElevationsSuperseded: 1 }),
    ...(error === 'RecordTampered' && { RecordTampered: 1 }),
  };
}
