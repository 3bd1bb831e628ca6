import type { TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import type { Clock } from '../common/clock';
import { evidence, type History, readHistory } from '../common/history';
import { tempName } from '../common/names';
import { parseRecord, readRole, type StoredRecord, stateOf, type TempRoleState } from '../common/record';
import type { Dependencies } from './look';

/** What is known of a run that has to be undone: its history, and its temp role with the record. */
export interface Evidence {
  /** Undefined: Step Functions does not know the run, or (then `deaf` says so) did not tell. */
  history: History | undefined;
  deaf: boolean;
  tempRole?: TempRoleState;
  /** The role's record, if it can be read. */
  record?: StoredRecord;
  /** How the role's tags are not what createTempRole wrote. */
  tampered?: string;
  /** Why IAM did not tell: the profile is given back all the same, and then this is thrown. */
  unread?: unknown;
}

/** How long the profile waits for IAM to show the role: where it is known what to give back, that can be done without. */
const ROLE_MS = 5_000;
/** History comes in pages, of a day's waits too. With this, and a look's own 30 s, a function ends within its 60. */
const HISTORY_MS = 15_000;
/** So many times a history that cannot be read is asked for again, before the record alone is followed. */
const HISTORY_TRIES = 3;

/** Reads history and role. @throws what Step Functions answers, at first; later the record alone is followed */
export async function gather(event: TaskEvent, execution: string, deps: Dependencies): Promise<Evidence> {
  const { clock } = deps;
  const read = await within(
    clock,
    HISTORY_MS,
    'Step Functions did not show the history',
    historyOf(event, execution, deps),
  );
  if ('unread' in read && (event.state.RetryCount ?? 0) < HISTORY_TRIES) throw read.unread;
  const history = 'unread' in read ? undefined : read.value;
  const found = await within(
    clock,
    ROLE_MS,
    'IAM did not show the temp role',
    findRole(event, execution, history, deps),
  );
  return { history, deaf: 'unread' in read, ...('unread' in found ? found : found.value) };
}

async function within<T>(
  clock: Clock,
  ms: number,
  what: string,
  reading: Promise<T>,
): Promise<{ value: T } | { unread: unknown }> {
  const late = clock.sleep(ms).then(() => ({ unread: new StepUpError('AwsUnavailable', `${what} in time.`) }));
  const told = reading.then(
    (value) => ({ value }),
    (unread: unknown) => ({ unread }),
  );
  return Promise.race([told, late]);
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

/**
 * A role of the derived name is ours if it has the record of this run, or if createTempRole said that it had made this very
 * one: then its tags were tampered with, and the history is followed. Any other is left alone, as if it were not there.
 */
async function findRole(
  { purpose, execution }: TaskEvent,
  arn: string,
  history: History | undefined,
  { iam, config }: Dependencies,
): Promise<Pick<Evidence, 'tempRole' | 'record' | 'tampered'>> {
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
