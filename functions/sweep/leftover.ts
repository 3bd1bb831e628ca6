import type { Role } from '@aws-sdk/client-iam';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { Original } from '../../state-machine/document';
import { type ErrorName, StepUpError } from '../../state-machine/errors';
import { type History, latestState, readHistory } from '../common/history';
import { findProfile } from '../common/instanceProfile';
import { type ExecutionId, nameOf, parseElevation, tempName } from '../common/names';
import { drainUntil, parseRecord, readRecord, readRole, type StoredRecord, stateOf } from '../common/record';
import { isRecovered, type Recovery, startRecovery, wasRecoveredBefore } from '../common/recovery';
import { deleteDrained, deleteUncarried, stripAgain } from './drained';
import { OVERDUE_MS, SLOT_MS } from './rhythm';
import { type Dependencies, type Elevations, type Leftover, standingOf } from './survey';
import type { Swept } from './swept';
import { watch } from './watch';

/** `recover` gets its chance first: events arrive within seconds, if they do. */
const GRACE_MS = 5 * 60_000;
/** IAM's lists may lag (aws-facts-2 18.1): what seems to be without a role is believed when it is this old. */
const ORPHAN_MS = 60 * 60_000;

/** A turn of sweep: what it works with, and what it reports to. */
export interface Turn {
  deps: Dependencies;
  swept: Swept;
  /** Listed once in a turn, and only when it is needed: ListExecutions is refilled by two calls a second. */
  elevations: (arn: string) => Promise<Elevations>;
  recoveries: (elevation: ExecutionId) => Promise<Recovery[]>;
}

/** Looks after all that has the name of one run. What it cannot explain it reports, and does not touch. */
export async function sweepLeftover(leftover: Leftover, turn: Turn): Promise<void> {
  const role = await readRole(turn.deps.iam, leftover.name);
  if (!role) return sweepWithoutRole(leftover, turn);
  const record = readable(role);
  watch(role, typeof record === 'string' ? undefined : record, turn.swept, turn.deps);
  return typeof record === 'string'
    ? sweepUnreadable(leftover, role, record, turn)
    : sweepRecorded(leftover, record, turn);
}

/** @returns why not, if it cannot be read */
function readable(role: Role): StoredRecord | string {
  try {
    return parseRecord(role);
  } catch (error) {
    if (error instanceof StepUpError) return error.message;
    throw error;
  }
}

async function sweepRecorded(leftover: Leftover, record: StoredRecord, turn: Turn): Promise<void> {
  const { name, profile } = leftover;
  const { deps, swept } = turn;
  const { execution, original } = record;
  parseElevation(execution, deps.config.deployment);
  if (tempName(execution) !== name)
    return swept.cannotExplain(name, `Its tags are those of another run, ${execution}.`);
  const carried = isOnItsOwn(leftover, nameOf(record.instanceArn), turn);

  if (record.state === 'draining') {
    swept.draining += 1;
    if (await stripAgain(name, deps.iam)) swept.stripped.push(name);
    const due = Date.parse(record.deleteAfter ?? '');
    if (Number.isNaN(due)) swept.cannotExplain(name, 'It drains, and its tags do not say until when.');
    if (!carried) {
      if (profile && (await deleteUncarried(name, execution, deps))) swept.orphans.push(name);
      if (deps.clock.now() >= due && (await deleteDrained(name, execution, deps))) swept.deleted.push(name);
      return;
    }
    // Its drain begins when the last instance lets go of it; until then nobody may delete it.
    await drainUntil(deps.iam, record, deps.clock.now() + deps.config.drainMs);
    // The run was closed although its profile is still there: for want of an original that exists. That is only watched.
    if (await isOriginalGone(original, deps)) return;
  }
  await recoverIfOver(execution, turn, async (status) => {
    const overdue = record.state === 'open' && deps.clock.now() > Date.parse(record.expires) + OVERDUE_MS;
    if (status === 'RUNNING' && overdue && (await stop(record, deps))) swept.stopped.push(name);
  });
}

/** Only the instance that the profile was made for can be freed of it by recovering its run. */
function isOnItsOwn({ name, carriers }: Leftover, instanceId: string | undefined, { swept }: Turn): boolean {
  const others = carriers.filter((carrier) => carrier !== instanceId);
  if (others.length > 0) {
    swept.cannotExplain(
      name,
      `Its profile is on ${others.join(', ')}, and was made for ${instanceId ?? 'no run that is known'}.`,
    );
  }
  return others.length < carriers.length;
}

/**
 * Recovers a run that its record does not describe any more, from its history: if an instance carries its profile, or if
 * the history names this very role, which Restore then closes.
 */
async function sweepUnreadable(leftover: Leftover, role: Role, why: string, turn: Turn): Promise<void> {
  const { deps, swept } = turn;
  swept.cannotExplain(leftover.name, why);
  const run = await runOf(leftover, turn);
  const carried = isOnItsOwn(leftover, run?.instanceId, turn);
  if (!run) return;
  const { state } = stateOf(role);
  const confirmed = run.tempRoleId === role.RoleId;
  if (confirmed && state === 'draining' && (await stripAgain(leftover.name, deps.iam)))
    swept.stripped.push(leftover.name);
  if (!carried && (!confirmed || state === 'draining')) return;
  if (state === 'draining' && (await isOriginalGone(run.capture.original, deps))) return;
  await recoverIfOver(run.execution, turn);
}

/** The role is gone: its run can be recovered from its history, if an instance still carries the profile. */
async function sweepWithoutRole(leftover: Leftover, turn: Turn): Promise<void> {
  const { name, arn, profile, carriers } = leftover;
  const { deps, swept } = turn;
  if (carriers.length > 0) {
    const run = await runOf(leftover, turn);
    if (!isOnItsOwn(leftover, run?.instanceId, turn) || !run) return;
    if (await isOriginalGone(run.capture.original, deps)) {
      return swept.cannotExplain(
        name,
        `${run.instanceId} carries it without a role, and its original is gone: attach another.`,
      );
    }
    return recoverIfOver(run.execution, turn);
  }
  const age = deps.clock.now() - (profile?.CreateDate?.getTime() ?? deps.clock.now());
  if (leftover.role || age < ORPHAN_MS) return;
  const execution = (await turn.elevations(arn)).get(name);
  deps.log.knowsOf(name, { execution });
  if (await deleteUncarried(name, execution, deps)) swept.orphans.push(name);
}

/** The run that a name is the hash of, as its history tells it. */
async function runOf({ name, arn }: Leftover, { deps, elevations }: Turn) {
  const execution = (await elevations(arn)).get(name);
  if (!execution) return undefined;
  const told: Partial<History> = (await readHistory(deps.sfn, execution)) ?? {};
  const { capture, ...history } = told;
  const { instanceId, grant, requester } = history;
  deps.log.knowsOf(name, { execution, instanceId, grant, requester });
  return capture && { ...history, capture, execution };
}

/** Starts a recovery of a run that is over, and that nobody recovers. `alive`: what to do if it is not over. */
async function recoverIfOver(
  execution: string,
  { deps, swept, recoveries }: Turn,
  alive?: (status: string) => Promise<void>,
): Promise<void> {
  const { sfn, clock, config } = deps;
  const elevation = parseElevation(execution, config.deployment);
  const standing = await standingOf(execution, sfn);
  if (standing.alive) return alive?.(standing.status);
  if (standing.stopDate && clock.now() - standing.stopDate.getTime() < GRACE_MS) return;
  if (await isRecovered(sfn, await recoveries(elevation), elevation)) return;
  const slot = String(Math.floor(clock.now() / SLOT_MS));
  const { arn, isNew } = await startRecovery(sfn, elevation, config.deployment, slot);
  swept.recovering.push(arn);
  if (!isNew) return;
  const isRepeated = await wasRecoveredBefore(sfn, elevation, arn).catch(() => false);
  deps.log.metrics({ RecoveriesStarted: 1, RecoveriesRepeated: isRepeated ? 1 : 0 });
}

/** States in which a run restores, although a Restore that always fails may not have marked the record. */
const RESTORING = ['Restore', 'Outcome', 'WaitToRestore', 'RestoreGaveUp'];

/** Never one that restores: that is looked at right before. What it leaves, its recovery undoes. */
async function stop({ execution, expires }: StoredRecord, { iam, sfn }: Dependencies): Promise<boolean> {
  if (RESTORING.includes((await latestState(sfn, execution)) ?? '')) return false;
  if ((await readRecord(iam, execution))?.state !== 'open') return false;
  const error: ErrorName = 'ElevationOverdue';
  const cause = `Its grant ended at ${expires}, and it had not begun to restore: sweep stopped it, so that it is recovered. Look at the state that it was in, and at that function's log.`;
  await sfn.send(new StopExecutionCommand({ executionArn: execution, error, cause }));
  return true;
}

const isOriginalGone = async (original: Original | null, { iam }: Dependencies): Promise<boolean> =>
  original !== null && (await findProfile(iam, nameOf(original.profileArn))) === undefined;
