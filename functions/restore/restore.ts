import type { Outcome, TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { type Clock, iso } from '../common/clock';
import { evidence, type History, readHistory } from '../common/history';
import { parseElevation, tempName } from '../common/names';
import { parseRecord, readRole, type StoredRecord, stateOf, type TempRoleState } from '../common/record';
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
  const history = await historyOf(event, execution, deps);
  const found = await unlessLate(findRole(event, execution, history, deps), deps.clock);
  const run = runOf(event, execution, found, history, deps);
  return run ? look(run, deps) : nothingToUndo(event, deps.clock.now());
}

function executionOf({ purpose, document, execution }: TaskEvent, deployment: string): string {
  const named = purpose === 'recover' ? (document.request as { execution?: unknown } | null)?.execution : execution.Id;
  if (typeof named === 'string') return parseElevation(named, deployment).arn;
  throw new StepUpError('RequestInvalid', 'Recovery is started with {"execution": "the ARN of an elevation"}.');
}

/** The temp role of a run: `record` if it can be read; `tampered` says how it is not what createTempRole wrote. */
interface Found {
  tempRole?: TempRoleState;
  record?: StoredRecord;
  tampered?: string;
  /** Why IAM did not tell: the profile is given back all the same, and then this is thrown. */
  unread?: unknown;
}

/** How long the profile waits for IAM to show the role: where it is known what to give back, that can be done without. */
const ROLE_MS = 5_000;

async function unlessLate(finding: Promise<Found>, clock: Clock): Promise<Found> {
  const late = clock
    .sleep(ROLE_MS)
    .then(() => ({ unread: new StepUpError('AwsUnavailable', 'IAM did not show the temp role in time.') }));
  return Promise.race([finding.catch((unread: unknown) => ({ unread })), late]);
}

/**
 * A role of the derived name is ours if it has the record of this run, or if createTempRole said that it had made this very
 * one: then its tags were tampered with, and the history is followed. Any other is left alone, as if it were not there.
 */
async function findRole(
  { purpose, execution }: TaskEvent,
  arn: string,
  history: History | undefined,
  { iam, config }: Dependencies,
): Promise<Found> {
  const role = await readRole(iam, tempName(arn));
  if (!role || role.Path?.split('/')[4] !== config.deployment) return {};
  const tempRole = stateOf(role);
  try {
    const record = parseRecord(role);
    if (purpose !== 'recover' && record.started !== execution.StartTime) return {};
    const tampered = disagreement(record, history, arn);
    return { tempRole, record, ...(tampered && { tampered }) };
  } catch (error) {
    if (!(error instanceof StepUpError && error.name === 'RecordTampered')) throw error;
    return role.RoleId === history?.tempRoleId ? { tempRole, tampered: error.message } : {};
  }
}

/** In the elevation's own machine the document is the history; a recovery reads it. */
async function historyOf(
  { purpose, document, execution }: TaskEvent,
  arn: string,
  { sfn }: Dependencies,
): Promise<History | undefined> {
  if (purpose === 'recover') return readHistory(sfn, arn);
  return { begun: true, started: Date.parse(execution.StartTime), ...evidence(document) };
}

/** @returns undefined when nothing was ever begun that would have to be undone */
function runOf(
  event: TaskEvent,
  execution: string,
  found: Found,
  history: History | undefined,
  deps: Dependencies,
): Run | undefined {
  const { document, state, purpose } = event;
  const { tempRole, record, tampered, unread } = found;
  const instanceId = history?.instanceId ?? record?.instanceArn.split('/')[1];
  if (unread && !history?.capture) throw unread;
  if (!instanceId || (!tempRole && !history?.begun)) return undefined;
  const earlier = document.outcome;
  const begun = [tempRole?.restoringSince, earlier?.since].filter((time) => time !== undefined).map(Date.parse);
  return {
    execution,
    instanceId,
    original: history?.capture ? history.capture.original : (record?.original ?? null),
    tempRole,
    tampered,
    unread,
    closed: tempRole ? tempRole.state === 'draining' : !unread && mayHaveDrained(event, history, deps),
    since: Math.min(deps.clock.now(), ...begun),
    settlingSince: earlier?.settlingSince === undefined ? undefined : Date.parse(earlier.settlingSince),
    quiet: purpose === 'restore' && everyTaskAnswered(document) && (state.RetryCount ?? 0) === 0,
    failure: purpose === 'recover' ? undefined : firstError(document),
    earlierNotes: earlier?.notes ?? [],
  };
}

/**
 * A role that is not there was either deleted by somebody, and the original is still owed; or it has drained, long after the
 * run was closed. The latter only when somebody comes back to an old run: by a redrive, or a late recovery.
 */
function mayHaveDrained(
  { purpose, execution }: TaskEvent,
  history: History | undefined,
  { clock, config }: Dependencies,
): boolean {
  const late = purpose === 'recover' || (execution.RedriveCount ?? 0) > 0;
  return late && history?.started !== undefined && clock.now() >= history.started + config.drainMs;
}

/** What names run, instance and original is written once, by CreateRole: another value was written by another hand. */
function disagreement(record: StoredRecord, history: History | undefined, execution: string): string | undefined {
  if (!history?.capture) return undefined;
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
