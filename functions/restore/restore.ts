import type { Outcome, TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { iso } from '../common/clock';
import { type History, readHistory } from '../common/history';
import { parseElevation } from '../common/names';
import { readRecord, type StoredRecord } from '../common/record';
import { type Dependencies, everyTaskAnswered, look, type Run } from './look';
import { firstError } from './outcome';
import { type Rehearsal, rehearse } from './rehearse';

/**
 * Gives an instance its original profile back and takes the grant from the temp role; with purpose 'rehearse', only tries
 * whether it could. Safe to repeat at any time, for any elevation of this deployment, in any state.
 * @throws StepUpError RequestInvalid when asked for an execution that is not this deployment's; whatever AWS refuses
 *   (the state tries again)
 */
export async function restore(event: TaskEvent, deps: Dependencies): Promise<Outcome | Rehearsal> {
  if (event.purpose === 'rehearse') return rehearse(event, deps);
  const execution = executionOf(event, deps.config.deployment);
  const { record, unreadable } = await recordOf(execution, deps);
  const history = await historyOf(event, execution, deps);
  const run = runOf(event, execution, record, history, deps);
  if (!run) return nothingToUndo(event, deps.clock.now());
  return look({ ...run, tampered: unreadable ?? run.tampered }, deps);
}

function executionOf({ purpose, document, execution }: TaskEvent, deployment: string): string {
  const named = purpose === 'recover' ? (document.request as { execution?: unknown } | null)?.execution : execution.Id;
  if (typeof named === 'string') return parseElevation(named, deployment).arn;
  throw new StepUpError('RequestInvalid', 'Recovery is started with {"execution": "the ARN of an elevation"}.');
}

/** A record that cannot be read is reported, and the history used instead. */
async function recordOf(
  execution: string,
  { iam }: Dependencies,
): Promise<{ record?: StoredRecord; unreadable?: string }> {
  try {
    const record = await readRecord(iam, execution);
    return record ? { record } : {};
  } catch (error) {
    if (error instanceof StepUpError && error.name === 'RecordTampered') return { unreadable: error.message };
    throw error;
  }
}

/** In the elevation's own machine the document is the history; a recovery reads it. */
async function historyOf(
  { purpose, document }: TaskEvent,
  execution: string,
  { sfn }: Dependencies,
): Promise<History | undefined> {
  if (purpose === 'recover') return readHistory(sfn, execution);
  const { instanceId } = document.request as { instanceId: string };
  return { begun: true, instanceId, ...(document.capture?.done && { capture: document.capture }) };
}

/** @returns undefined when nothing was ever begun that would have to be undone */
function runOf(
  event: TaskEvent,
  execution: string,
  record: StoredRecord | undefined,
  history: History | undefined,
  { clock }: Dependencies,
): Run | undefined {
  const { document, state, purpose } = event;
  const instanceId = history?.instanceId ?? record?.instanceArn.split('/')[1];
  if (!instanceId || (!record && !history?.begun)) return undefined;
  const earlier = document.outcome;
  const begun = [record?.restoringSince, earlier?.since].filter((time) => time !== undefined).map(Date.parse);
  return {
    execution,
    instanceId,
    original: history?.capture ? history.capture.original : (record?.original ?? null),
    record,
    tampered: disagreement(record, history, execution),
    since: Math.min(clock.now(), ...begun),
    quiet: purpose === 'restore' && everyTaskAnswered(document) && (state.RetryCount ?? 0) === 0,
    failure: purpose === 'recover' ? undefined : firstError(document),
    earlierNotes: earlier?.notes ?? [],
  };
}

/** What names run, instance and original is written once, by CreateRole: another value was written by another hand. */
function disagreement(
  record: StoredRecord | undefined,
  history: History | undefined,
  execution: string,
): string | undefined {
  if (!record || !history?.capture) return undefined;
  const same =
    record.execution === execution &&
    record.instanceArn === history.capture.instanceArn &&
    JSON.stringify(record.original) === JSON.stringify(history.capture.original);
  return same
    ? undefined
    : `The tags of role ${record.role.RoleName} differ from the history of ${execution}. The history was followed; find out who wrote the tags.`;
}

function nothingToUndo({ document, purpose }: TaskEvent, now: number): Outcome {
  const failure = purpose === 'recover' ? undefined : firstError(document);
  return {
    done: true,
    waitSeconds: 0,
    restored: 'nothing-to-undo',
    result: failure ? 'ElevationFailed' : 'Succeeded',
    error: failure?.error ?? '',
    cause: failure?.cause ?? '',
    notes: ['No temp role was ever begun: there was nothing to undo.'],
    since: iso(now),
    tempRole: null,
  };
}
