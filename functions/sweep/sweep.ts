import { type EC2Client, paginateDescribeIamInstanceProfileAssociations } from '@aws-sdk/client-ec2';
import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  type IAMClient,
  type InstanceProfile,
  paginateListInstanceProfiles,
  paginateListRoles,
} from '@aws-sdk/client-iam';
import { DescribeExecutionCommand, type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { ErrorName } from '../../state-machine/errors';
import { attachedTo, isNamed } from '../common/associations';
import { isAws } from '../common/awsErrors';
import { latestState } from '../common/history';
import { deleteProfile, findProfile } from '../common/instanceProfile';
import type { Deps } from '../common/lambda';
import { elevationsPath, isTempProfile, nameOf, parseElevation } from '../common/names';
import { parseRecord, readRecord, readRole, type StoredRecord, stateOf } from '../common/record';
import { startRecovery } from '../common/recovery';
import { attachedPolicies, inlinePolicyNames } from '../common/rolePolicies';

type Dependencies = Deps<{ ec2: EC2Client; iam: IAMClient; sfn: SFNClient }>;

/** How often sweep runs; also the slot in which one recovery per run is started at most. */
const SLOT_MS = 15 * 60_000;
/** `recover` gets its chance first: events arrive within seconds, if they do. */
const GRACE_MS = 5 * 60_000;
/** IAM's lists may lag (aws-facts-2 18.1): what seems to be without a role is believed when it is this old. */
const ORPHAN_MS = 60 * 60_000;
/** A run whose grant ended this long ago, and which has not begun to restore, does not get on by itself any more. */
const OVERDUE_MS = 15 * 60_000;
/** Sweep ends well before its 60 s; what it did not come to is next time's beginning. */
const BUDGET_MS = 40_000;
/** A thousand draining roles at once, five at a time and 50 ms each, are 10 s. */
const AT_ONCE = 5;
/** Executions that may still restore by themselves. */
const ALIVE = ['RUNNING', 'PENDING_REDRIVE'];

export interface Swept {
  deleted: string[];
  /** Temp roles of runs that were overdue, and were stopped: `recover` follows. */
  stopped: string[];
  recovering: string[];
  /** Instance profiles that marked an instance as busy for no run. */
  orphans: string[];
  /** Roles and profiles that are not understood, with the reason: reported, never touched. */
  unexplained: { name: string; why: string }[];
  /** How many roles there was no time for. */
  left: number;
}

/** What is there, read once: lists of names, and which of them instances carry. */
interface Survey {
  roles: string[];
  profiles: InstanceProfile[];
  attached: Set<string>;
}

/**
 * Finds from AWS alone what was left behind: roles and profiles under the deployment's path. Deletes roles that have
 * drained and profiles that belong to no run, stops runs that do not get on, and starts a recovery for every elevation that ended without restoring:
 * whatever its record says, if an instance still carries its profile.
 */
export async function sweep(_event: unknown, deps: Dependencies): Promise<Swept> {
  const swept: Swept = { deleted: [], stopped: [], recovering: [], orphans: [], unexplained: [], left: 0 };
  const end = deps.clock.now() + BUDGET_MS;
  const survey = await look(deps);
  const queue = rotated(survey.roles, Math.floor(deps.clock.now() / SLOT_MS));
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      await sweepRole(name, survey, deps, swept).catch((error: Error) =>
        swept.unexplained.push({ name: name as string, why: `${error.name}: ${error.message}` }),
      );
      if (deps.clock.now() > end) return;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  swept.left = queue.length;
  await sweepOrphans(survey, deps, swept);
  return swept;
}

/** A different beginning each time: nobody is always last. */
const rotated = (names: string[], turn: number): string[] => {
  const start = names.length === 0 ? 0 : (turn * 97) % names.length;
  return [...names.slice(start), ...names.slice(0, start)];
};

/** Paths begin with the instance's id: all elevations are listed, and only our own deployment's are kept. */
async function look({ ec2, iam, config }: Dependencies): Promise<Survey> {
  const ours = ({ Path }: { Path?: string | undefined }) => Path?.split('/')[4] === config.deployment;
  const survey: Survey = { roles: [], profiles: [], attached: new Set() };
  for await (const { Roles = [] } of paginateListRoles({ client: iam }, { PathPrefix: elevationsPath })) {
    survey.roles.push(...Roles.filter(ours).map(({ RoleName }) => RoleName as string));
  }
  for await (const page of paginateListInstanceProfiles({ client: iam }, { PathPrefix: elevationsPath })) {
    survey.profiles.push(...(page.InstanceProfiles ?? []).filter(ours));
  }
  for await (const page of paginateDescribeIamInstanceProfileAssociations({ client: ec2 }, {})) {
    for (const { IamInstanceProfile, State } of page.IamInstanceProfileAssociations ?? []) {
      const arn = IamInstanceProfile?.Arn ?? '';
      if (State !== 'disassociating' && isTempProfile(arn)) survey.attached.add(nameOf(arn));
    }
  }
  return survey;
}

async function sweepRole(
  name: string,
  { attached, profiles }: Survey,
  deps: Dependencies,
  swept: Swept,
): Promise<void> {
  const role = await readRole(deps.iam, name);
  if (!role) return;
  const now = deps.clock.now();
  const { state, deleteAfter = '' } = stateOf(role);
  const closed = state === 'draining' && !attached.has(name);
  const marked = profiles.some(({ InstanceProfileName }) => InstanceProfileName === name);
  if (closed && !marked && now < Date.parse(deleteAfter)) return;

  const record = parseRecord(role);
  const elevation = parseElevation(record.execution, deps.config.deployment);
  const { status, stopDate } = await statusOf(record.execution, deps.sfn);
  if (status === 'RUNNING' && isOverdue(record, now) && (await stop(record, deps))) swept.stopped.push(name);
  if (ALIVE.includes(status)) return;
  if (closed) {
    if (marked && (await deleteUnattached(name, record, deps))) swept.orphans.push(name);
    if (now >= Date.parse(deleteAfter) && (await deleteDrained(record, deps))) swept.deleted.push(name);
    return;
  }
  if (stopDate && now - stopDate.getTime() < GRACE_MS) return;
  // The run was closed although its profile is still there: for want of an original that exists. That is only watched.
  if (state === 'draining' && (await isOriginalGone(record, deps))) return;
  swept.recovering.push(
    await startRecovery(deps.sfn, elevation, deps.config.deployment, String(Math.floor(now / SLOT_MS))),
  );
}

const isOverdue = ({ state, expires }: StoredRecord, now: number): boolean =>
  state === 'open' && now > Date.parse(expires) + OVERDUE_MS;

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

const isOriginalGone = async ({ original }: StoredRecord, { iam }: Dependencies): Promise<boolean> =>
  original !== null && (await findProfile(iam, nameOf(original.profileArn))) === undefined;

/** A profile whose role is gone marks its instance as busy for ever: whoever deleted the role forgot it. */
async function sweepOrphans({ roles, profiles, attached }: Survey, deps: Dependencies, swept: Swept): Promise<void> {
  for (const { InstanceProfileName: name = '', CreateDate } of profiles) {
    const age = deps.clock.now() - (CreateDate?.getTime() ?? 0);
    if (roles.includes(name) || attached.has(name) || age < ORPHAN_MS || (await readRole(deps.iam, name))) continue;
    await deleteProfile(deps.iam, name).then(
      () => swept.orphans.push(name),
      (error: Error) => swept.unexplained.push({ name, why: `${error.name}: ${error.message}` }),
    );
  }
}

/** An execution that Step Functions has forgotten is over. */
async function statusOf(
  executionArn: string,
  sfn: SFNClient,
): Promise<{ status: string; stopDate?: Date | undefined }> {
  try {
    const { status = '', stopDate } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return { status, stopDate };
  } catch (error) {
    if (isAws(error, 'ExecutionDoesNotExist')) return { status: 'FORGOTTEN' };
    throw error;
  }
}

/** Whether an instance carries the profile is read again right before: IAM would delete it all the same (aws-facts 2.3). */
async function deleteUnattached(
  name: string,
  { instanceArn }: StoredRecord,
  { ec2, iam }: Dependencies,
): Promise<boolean> {
  if (isNamed(await attachedTo(ec2, nameOf(instanceArn)), name)) return false;
  await deleteProfile(iam, name);
  return true;
}

/**
 * Deletes a drained role: profile, then policies, the role last.
 * @returns false when it must stay
 */
async function deleteDrained(record: StoredRecord, deps: Dependencies): Promise<boolean> {
  const { iam, sfn } = deps;
  const { name } = record;
  if (ALIVE.includes((await statusOf(record.execution, sfn)).status)) return false;
  if ((await readRecord(iam, record.execution))?.state !== 'draining') return false;
  if (!(await deleteUnattached(name, record, deps))) return false;
  // Others may have attached something: Quick Setup adds policies to whatever role an instance carries (aws-facts-2 17.4).
  for (const { PolicyArn } of await attachedPolicies(iam, name)) {
    await iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn }));
  }
  for (const PolicyName of await inlinePolicyNames(iam, name)) {
    await iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
  }
  await iam.send(new DeleteRoleCommand({ RoleName: name }));
  return true;
}
