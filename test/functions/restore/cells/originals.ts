import { AwsError, type Intercept } from '../../../../local';
import type { Stage } from '../../../support/stage';
import { DEPLOYMENT, INSTANCE } from '../../../support/stage';
import { putPolicy, somebodyDeletes, somebodyMakesAgain, somebodyTakesItOff } from '../../worlds';
import type { Cell } from '../cells';
import { deleteRole } from '../elevated';

const HOST_ROLE = 'AWSSystemsManagerDefaultEC2InstanceManagementRole';

const trusting = (Service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
  });

/** Somebody switches Default Host Management on for the region; agents hear of it within half an hour. */
async function defaultHostManagement(stage: Stage): Promise<void> {
  const { world } = stage.aws;
  const AssumeRolePolicyDocument = trusting('ssm.amazonaws.com');
  await world.asRoot('iam', 'CreateRole', { RoleName: HOST_ROLE, Path: '/service-role/', AssumeRolePolicyDocument });
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy';
  await world.asRoot('iam', 'AttachRolePolicy', { RoleName: HOST_ROLE, PolicyArn });
  await stage.pass(60);
  await world.asRoot('ssm', 'UpdateServiceSetting', {
    SettingId: '/ssm/managed-instance/default-ec2-instance-management-role',
    SettingValue: `service-role/${HOST_ROLE}`,
  });
  await stage.pass(40 * 60);
}

/** The profile app gets another role. */
async function exchangeRole(stage: Stage): Promise<void> {
  const { world } = stage.aws;
  const InstanceProfileName = 'app';
  await world.asRoot('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName: 'app' });
  await world.asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName, RoleName: 'theirs' });
  await stage.pass(60);
}

async function makeRoleAgain({ aws: { world } }: Stage): Promise<void> {
  const RoleName = 'app';
  const AssumeRolePolicyDocument = trusting('ec2.amazonaws.com');
  await world.asRoot('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument });
  await world.asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: 'app', RoleName });
}

/** IAM's and EC2's views lag: what Restore may do is denied to it, twice. The rehearsal comes before. */
function deniedTwice(): Intercept {
  let calls = 0;
  return async ({ operation, principal }, proceed) => {
    const ours = operation === 'ReplaceIamInstanceProfileAssociation' && principal.name?.endsWith('-restore');
    calls += ours ? 1 : 0;
    if (!ours || calls === 1 || calls > 3) return proceed();
    throw new AwsError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
  };
}

/** What became of the original; the instance runs, with the temp profile. */
export const ORIGINALS: Cell[] = [
  {
    name: 'it never had a profile',
    before: somebodyTakesItOff,
    does: ['Disassociate'],
    ends: ['success', 'success'],
    says: 'i-… has no profile.',
    has: [],
  },
  {
    name: 'managed by Default Host Management, without a profile',
    options: { profile: null },
    before: defaultHostManagement,
    does: ['Disassociate'],
    ends: ['success', 'success'],
    says: 'i-… has no profile.',
    has: [],
  },
  {
    name: 'the original is deleted',
    change: async (stage) => {
      await somebodyDeletes(stage, 'app');
      await stage.pass(60);
    },
    does: ['Replace: InvalidParameterValue'],
    ends: ['OriginalGone', 'OriginalGone'],
    says: 'i-… keeps the profile temp, without the grant, and counts as busy',
    has: ['temp associated'],
  },
  {
    name: 'the original is deleted, and EC2 hears of that only after it took it',
    atRestore: (stage) => somebodyDeletes(stage, 'app'),
    does: ['Replace'],
    ends: ['OriginalGone', 'OriginalGone'],
    says: 'i-… was given it back, but EC2 cannot associate it.',
    has: ['app associating'],
  },
  {
    name: 'the original is deleted, and EC2 hears of that only after it associated it',
    atRestore: async (stage) => {
      stage.aws.world.delays.iamPropagation = 60_000;
      await somebodyDeletes(stage, 'app');
    },
    does: ['Replace'],
    ends: ['OriginalGone', 'OriginalGone'],
    says: '‹app› was deleted meanwhile: EC2 gives no new credentials for it.',
    has: ['app associated'],
  },
  {
    name: 'the original is deleted and made again within a minute',
    atRestore: async (stage) => {
      stage.aws.world.delays.iamPropagation = 1;
      await somebodyDeletes(stage, 'app');
      void stage.clock.sleep(30_000).then(() => somebodyMakesAgain(stage, 'app'));
      await stage.clock.sleep(10);
    },
    does: ['Replace: InvalidParameterValue', 'Replace'],
    ends: ['success', 'success'],
    says: 'i-… has ‹app›. It was deleted and made again under its name meanwhile: the new one is attached.',
    has: ['app associated'],
  },
  {
    name: "the original's role is deleted: the profile is empty",
    change: async (stage) => {
      await deleteRole(stage, 'app');
      await stage.pass(60);
    },
    does: ['Replace'],
    ends: ['success', 'success'],
    says: 'It held the role arn:aws:iam::123456789012:role/app and holds none now: the instance gets no credentials from it.',
    has: ['app associated'],
  },
  {
    name: 'the original was deleted and made again under its name',
    change: async (stage) => {
      await somebodyDeletes(stage, 'app');
      await somebodyMakesAgain(stage, 'app');
      await stage.pass(60);
    },
    does: ['Replace'],
    ends: ['success', 'success'],
    says: 'i-… has ‹app›. It was deleted and made again under its name meanwhile: the new one is attached.',
    has: ['app associated'],
  },
  {
    name: "the original's role was deleted and made again under its name",
    change: async (stage) => {
      await deleteRole(stage, 'app');
      await makeRoleAgain(stage);
      await stage.pass(60);
    },
    does: ['Replace'],
    ends: ['success', 'success'],
    says: 'Its role arn:aws:iam::123456789012:role/app was deleted and made again meanwhile.',
    has: ['app associated'],
  },
  {
    name: 'the original holds another role, which StepUp may pass',
    change: exchangeRole,
    does: ['Replace'],
    ends: ['success', 'success'],
    says: 'It held the role arn:aws:iam::123456789012:role/app and holds arn:aws:iam::123456789012:role/theirs now.',
    has: ['app associated'],
  },
  {
    name: 'the original holds another role, which StepUp may not pass',
    change: async (stage) => {
      const Resource = 'arn:aws:iam::123456789012:role/theirs';
      await putPolicy(stage, `${DEPLOYMENT}-restore`, 'narrow', { Effect: 'Deny', Action: 'iam:PassRole', Resource });
      await exchangeRole(stage);
    },
    does: ['Replace: UnauthorizedOperation'],
    ends: ['RestoreFailed', 'RestoreFailed'],
    says: 'iam:PassRole on resource: arn:aws:iam::123456789012:role/theirs',
    has: ['temp associated'],
    record: 'open',
  },
  {
    name: 'AWS denies giving the original back, for a moment',
    intercept: deniedTwice,
    does: ['Replace: UnauthorizedOperation', 'Replace'],
    ends: ['success', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associated'],
  },
  {
    name: 'the original is associating for long',
    change: async (stage) => {
      stage.aws.world.delays.associating = 300_000;
    },
    does: ['Replace'],
    ends: ['success', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associated'],
  },
  {
    name: 'the original stays associating: its role does not trust EC2 any more',
    change: async (stage) => {
      const PolicyDocument = trusting('lambda.amazonaws.com');
      await stage.aws.world.asRoot('iam', 'UpdateAssumeRolePolicy', { RoleName: 'app', PolicyDocument });
    },
    does: ['Replace'],
    ends: ['RestoreFailed', 'RestoreFailed'],
    says: 'EC2 has not managed to associate it in 10 minutes',
    has: ['app associating'],
  },
  {
    name: 'the temp profile stays associating',
    change: async (stage, temp) => {
      const { delays } = stage.aws.world;
      delays.disassociating = 1;
      await somebodyTakesItOff(stage);
      await stage.pass(1);
      delays.associating = 3_600_000;
      const IamInstanceProfile = { Name: temp };
      await stage.aws.world.asRoot('ec2', 'AssociateIamInstanceProfile', { InstanceId: INSTANCE, IamInstanceProfile });
      delays.associating = 15_000;
    },
    does: ['Disassociate', 'Associate'],
    ends: ['success', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associated'],
  },
];
