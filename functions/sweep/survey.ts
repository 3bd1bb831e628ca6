import { type EC2Client, paginateDescribeIamInstanceProfileAssociations } from '@aws-sdk/client-ec2';
import {
  type IAMClient,
  type InstanceProfile,
  paginateListInstanceProfiles,
  paginateListRoles,
} from '@aws-sdk/client-iam';
import {
  DescribeExecutionCommand,
  type ExecutionStatus,
  paginateListExecutions,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { isAws } from '../common/awsErrors';
import type { Deps } from '../common/lambda';
import { elevationMachine, elevationsPath, isTempProfile, nameOf, tempName } from '../common/names';

export type Dependencies = Deps<{ ec2: EC2Client; iam: IAMClient; sfn: SFNClient }>;

/** The largest page that any of these lists has. */
export const PAGE = 1_000;

/** All that has the name of one run: any of the three may be missing. */
export interface Leftover {
  name: string;
  /** ARN of the role, or of whatever else there is. */
  arn: string;
  /** Is there a role? Its tags are in no list (aws-facts-2 18.1). */
  role: boolean;
  profile?: InstanceProfile;
  /** Instances that carry the profile. */
  carriers: string[];
}

/**
 * Lists what there is under our path, by name. Paths begin with the instance's id, so that all elevations are listed, and
 * only our own deployment's are kept.
 */
export async function survey({ ec2, iam, config }: Dependencies): Promise<Leftover[]> {
  const found = new Map<string, Leftover>();
  const at = (arn: string): Leftover | undefined => {
    // arn:aws:iam::ACCOUNT:role/stepup/elevations/INSTANCE/DEPLOYMENT/NAME
    if (arn.split('/')[4] !== config.deployment) return undefined;
    const name = nameOf(arn);
    const leftover = found.get(name) ?? { name, arn, role: false, carriers: [] };
    found.set(name, leftover);
    return leftover;
  };
  const client = iam;
  for await (const { Roles = [] } of paginateListRoles({ client, pageSize: PAGE }, { PathPrefix: elevationsPath })) {
    for (const { Arn = '' } of Roles) Object.assign(at(Arn) ?? {}, { role: true });
  }
  for await (const { InstanceProfiles = [] } of paginateListInstanceProfiles(
    { client, pageSize: PAGE },
    { PathPrefix: elevationsPath },
  )) {
    for (const profile of InstanceProfiles) Object.assign(at(profile.Arn ?? '') ?? {}, { profile });
  }
  for (const { arn, instanceId } of await carried(ec2)) at(arn)?.carriers.push(instanceId);
  return [...found.values()];
}

/** Every temp profile that an instance carries now, of any deployment. */
async function carried(ec2: EC2Client): Promise<{ arn: string; instanceId: string }[]> {
  const all: { arn: string; instanceId: string }[] = [];
  for await (const page of paginateDescribeIamInstanceProfileAssociations({ client: ec2, pageSize: PAGE }, {})) {
    for (const { IamInstanceProfile, InstanceId = '', State } of page.IamInstanceProfileAssociations ?? []) {
      const arn = IamInstanceProfile?.Arn ?? '';
      if (State !== 'disassociating' && isTempProfile(arn)) all.push({ arn, instanceId: InstanceId });
    }
  }
  return all;
}

/** Does any instance carry the profile of this name now, be it the recorded one or another? */
export const isCarried = async (ec2: EC2Client, name: string): Promise<boolean> =>
  (await carried(ec2)).some(({ arn }) => nameOf(arn) === name);

/** Executions that may still restore by themselves, or may do so again. */
const ALIVE: ExecutionStatus[] = ['RUNNING', 'PENDING_REDRIVE'];
const ENDED: ExecutionStatus[] = ['FAILED', 'TIMED_OUT', 'ABORTED', 'SUCCEEDED'];

export interface Standing {
  status: ExecutionStatus | 'FORGOTTEN';
  alive: boolean;
  stopDate?: Date | undefined;
}

/** An execution that Step Functions has forgotten is over. */
export async function standingOf(executionArn: string, sfn: SFNClient): Promise<Standing> {
  try {
    const { status = 'RUNNING', stopDate } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return { status, alive: ALIVE.includes(status), stopDate };
  } catch (error) {
    if (isAws(error, 'ExecutionDoesNotExist')) return { status: 'FORGOTTEN', alive: false };
    throw error;
  }
}

/** Elevations by the name of their temp role. */
export type Elevations = Map<string, string>;

/**
 * For what has no record that could be read: names are hashes of their runs. Knows every run that goes on, and the latest
 * thousand that ended in each way. None when the machine is gone: the stack's deletion was refused after that.
 * @param arn any of our account's
 */
export async function listElevations(arn: string, { sfn, config }: Dependencies): Promise<Elevations> {
  const [, partition, , , account] = arn.split(':');
  const region = await sfn.config.region();
  const stateMachineArn = `arn:${partition}:states:${region}:${account}:stateMachine:${elevationMachine(config.deployment)}`;
  const elevations: Elevations = new Map();
  try {
    for (const statusFilter of [...ALIVE, ...ENDED]) {
      const pages = paginateListExecutions({ client: sfn, pageSize: PAGE }, { stateMachineArn, statusFilter });
      for await (const { executions = [] } of pages) {
        for (const { executionArn = '' } of executions) elevations.set(tempName(executionArn), executionArn);
        if (ENDED.includes(statusFilter)) break;
      }
    }
  } catch (error) {
    if (!isAws(error, 'StateMachineDoesNotExist')) throw error;
  }
  return elevations;
}
