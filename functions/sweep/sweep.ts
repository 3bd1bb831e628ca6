import type { EC2Client } from '@aws-sdk/client-ec2';
import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  type IAMClient,
  paginateListRoles,
} from '@aws-sdk/client-iam';
import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { attachedTo, isNamed } from '../common/associations';
import { isAws } from '../common/awsErrors';
import { deleteProfile } from '../common/instanceProfile';
import type { Deps } from '../common/lambda';
import { elevationsPath, parseElevation } from '../common/names';
import { parseRecord, readRecord, readRole, type StoredRecord } from '../common/record';
import { startRecovery } from '../common/recovery';
import { attachedPolicies, inlinePolicyNames } from '../common/rolePolicies';

type Dependencies = Deps<{ ec2: EC2Client; iam: IAMClient; sfn: SFNClient }>;

/** How often sweep runs; also the slot in which one recovery per run is started at most. */
const SLOT_MS = 15 * 60_000;
/** `recover` gets its chance first: events arrive within seconds, if they do. */
const GRACE_MS = 5 * 60_000;
/** Executions that may still restore by themselves. */
const ALIVE = ['RUNNING', 'PENDING_REDRIVE'];

export interface Swept {
  deleted: string[];
  recovering: string[];
  /** Role names that are not understood, with the reason: reported, never touched. */
  unexplained: { role: string; why: string }[];
}

/**
 * Finds from AWS alone what was left behind: roles under the deployment's path. Deletes those that have drained, and
 * starts a recovery for those whose elevation ended without restoring.
 */
export async function sweep(_event: unknown, deps: Dependencies): Promise<Swept> {
  const swept: Swept = { deleted: [], recovering: [], unexplained: [] };
  for (const name of await rolesOf(deps)) {
    try {
      await sweepRole(name, deps, swept);
    } catch (error) {
      swept.unexplained.push({ role: name, why: `${(error as Error).name}: ${(error as Error).message}` });
    }
  }
  return swept;
}

/** Paths begin with the instance's id: all elevations are listed, and only our own deployment's are kept. */
async function rolesOf({ iam, config }: Dependencies): Promise<string[]> {
  const names: string[] = [];
  for await (const { Roles = [] } of paginateListRoles({ client: iam }, { PathPrefix: elevationsPath })) {
    for (const { Path, RoleName } of Roles) {
      if (Path?.split('/')[4] === config.deployment && RoleName) names.push(RoleName);
    }
  }
  return names;
}

async function sweepRole(name: string, deps: Dependencies, swept: Swept): Promise<void> {
  const role = await readRole(deps.iam, name);
  if (!role) return;
  const record = parseRecord(role);
  const elevation = parseElevation(record.execution, deps.config.deployment);
  const { status, stopDate } = await statusOf(record.execution, deps.sfn);
  if (ALIVE.includes(status)) return;
  const now = deps.clock.now();
  if (record.state === 'draining') {
    if (now >= Date.parse(record.deleteAfter ?? '') && (await deleteDrained(record, deps))) swept.deleted.push(name);
  } else if (!stopDate || now - stopDate.getTime() > GRACE_MS) {
    swept.recovering.push(
      await startRecovery(deps.sfn, elevation, deps.config.deployment, String(Math.floor(now / SLOT_MS))),
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

/**
 * Deletes a drained role: profile, then policies, the role last. Whether an instance still carries its profile is read
 * again right before: IAM would delete it all the same (aws-facts 2.3).
 * @returns false when it must stay
 */
async function deleteDrained(record: StoredRecord, { ec2, iam, sfn }: Dependencies): Promise<boolean> {
  const { name } = record;
  const instanceId = record.instanceArn.split('/')[1] as string;
  if (isNamed(await attachedTo(ec2, instanceId), name)) return false;
  if (ALIVE.includes((await statusOf(record.execution, sfn)).status)) return false;
  if ((await readRecord(iam, record.execution))?.state !== 'draining') return false;
  await deleteProfile(iam, name);
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
