import { AwsError, type Intercept } from '../../../../local';
import { INSTANCE, type Stage } from '../../../support/stage';
import { somebodyDeletes, somebodyTakesItOff } from '../../worlds';
import type { Cell } from '../cells';

const HOUR_MS = 3_600_000;

/** Every change of state that begins from now on takes this long. */
const transitionsTake = ({ aws }: Stage, ms: number) => Object.assign(aws.world.delays, { instanceTransition: ms });

async function stopped(stage: Stage): Promise<void> {
  transitionsTake(stage, 1);
  stage.aws.world.ec2.stopInstance(INSTANCE);
  await stage.pass(1);
}

const terminated = async (stage: Stage): Promise<void> => {
  transitionsTake(stage, 1);
  stage.aws.world.ec2.terminateInstance(INSTANCE);
  await stage.pass(1);
};

/** EC2 forgets a terminated instance within the hour. */
const forgetful =
  (): Intercept =>
  async ({ operation }, proceed) => {
    const answer = (await proceed()) as { Reservations?: { Instances: { State: { Name: string } }[] }[] };
    const gone = answer.Reservations?.[0]?.Instances[0]?.State.Name === 'terminated';
    if (operation !== 'DescribeInstances' || !gone) return answer;
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${INSTANCE}' does not exist`);
  };

/** EC2 says to Restore that it does not know the instance, twice, though it shows its profile. */
function absentMinded(): Intercept {
  let left = 2;
  return async ({ operation, principal }, proceed) => {
    const wrong = operation === 'DescribeInstances' && principal.name?.endsWith('-restore') && left > 0;
    if (!wrong) return proceed();
    left -= 1;
    throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${INSTANCE}' does not exist`);
  };
}

/** States of the instance; it carries the temp profile, and the original is owed. */
export const INSTANCES: Cell[] = [
  {
    name: 'running',
    does: ['Replace'],
    ends: ['success', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associated'],
  },
  {
    name: 'stopping',
    change: async ({ aws }) => aws.world.ec2.stopInstance(INSTANCE),
    does: ['Disassociate', 'Associate'],
    ends: ['InstanceNotRunning', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associating'],
  },
  {
    name: 'hibernating',
    change: async (stage) => {
      transitionsTake(stage, 5 * 60_000);
      stage.aws.world.ec2.stopInstance(INSTANCE, { hibernate: true });
    },
    does: ['Disassociate', 'Associate'],
    ends: ['InstanceNotRunning', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associating'],
  },
  {
    name: 'stopped',
    change: stopped,
    does: ['Disassociate', 'Associate'],
    ends: ['InstanceNotRunning', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associating'],
  },
  {
    name: 'stopped, and the original is deleted',
    change: async (stage) => {
      await stopped(stage);
      await somebodyDeletes(stage, 'app');
    },
    does: [],
    ends: ['OriginalGone', 'OriginalGone'],
    says: 'i-… keeps the profile temp, without the grant, and counts as busy',
    has: ['temp associated'],
  },
  {
    name: 'stopped, and somebody gave the original back: it is associating until the start',
    change: async (stage) => {
      await stopped(stage);
      await somebodyTakesItOff(stage);
      const IamInstanceProfile = { Name: 'app' };
      await stage.aws.world.asRoot('ec2', 'AssociateIamInstanceProfile', { InstanceId: INSTANCE, IamInstanceProfile });
    },
    does: [],
    ends: ['InstanceNotRunning', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associating'],
  },
  {
    name: 'pending: it was stopped and is started again',
    change: async (stage) => {
      await stopped(stage);
      transitionsTake(stage, 60_000);
      stage.aws.world.ec2.startInstance(INSTANCE);
    },
    does: ['Replace'],
    ends: ['InstanceNotRunning', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associated'],
  },
  {
    name: 'shutting-down',
    change: async (stage) => {
      transitionsTake(stage, HOUR_MS);
      stage.aws.world.ec2.terminateInstance(INSTANCE);
    },
    does: [],
    ends: ['InstanceNotRunning', 'success'],
    says: 'i-… is shutting-down: there is nothing to give a profile back to.',
    has: ['temp associated'],
  },
  {
    name: 'terminated',
    change: terminated,
    does: [],
    ends: ['InstanceNotRunning', 'success'],
    says: 'i-… is terminated: there is nothing to give a profile back to.',
    has: [],
  },
  {
    name: 'forgotten by EC2',
    intercept: forgetful,
    change: terminated,
    does: [],
    ends: ['InstanceNotRunning', 'success'],
    says: 'i-… is terminated: there is nothing to give a profile back to.',
    has: [],
  },
  {
    name: 'running, and for a moment unknown to EC2',
    intercept: absentMinded,
    does: ['Replace'],
    ends: ['success', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associated'],
  },
];
