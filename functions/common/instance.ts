import { DescribeInstancesCommand, type EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { StepUpError } from '../../state-machine/errors';
import { isAws } from './awsErrors';

/** @returns undefined when EC2 does not know the instance (any more: it forgets a terminated one within an hour) */
export async function findInstance(ec2: EC2Client, instanceId: string): Promise<Instance | undefined> {
  try {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
    return Reservations?.[0]?.Instances?.[0];
  } catch (error) {
    if (isAws(error, 'InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed')) return undefined;
    throw error;
  }
}

/**
 * For a run that is under way: an instance that was stopped or terminated meanwhile explains whatever else went wrong.
 * @throws StepUpError InstanceNotRunning
 */
export async function requireRunning(ec2: EC2Client, instanceId: string): Promise<void> {
  const state = (await findInstance(ec2, instanceId))?.State?.Name ?? 'terminated';
  if (state === 'running') return;
  throw new StepUpError(
    'InstanceNotRunning',
    `${instanceId} is ${state}: it was stopped or terminated during the elevation. Start it and try again.`,
  );
}
