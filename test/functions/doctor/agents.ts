import { INSTANCE, type Stage } from '../../support/stage';
import { putPolicy, SETTLED } from '../worlds';
import { type Case, changeTrust, HOST_ROLE, heardOf, switchOnHostManagement, takeHostPolicy, trusting } from './cases';

const trustNobody = async (stage: Stage) => {
  await heardOf(stage);
  await changeTrust(stage, 'app', trusting('lambda.amazonaws.com'));
  await stage.pass(SETTLED);
};

/** Systems Manager, and by what it manages the instance. */
export const AGENTS: Case[] = [
  {
    world: 'an instance without profile, that SSM never heard of',
    id: 'managed',
    status: 'failed',
    error: 'InstanceNotManaged',
    says: ['does not know'],
    remedy: [
      `aws iam create-role --role-name ssm-${INSTANCE} `,
      `aws ec2 associate-iam-instance-profile --instance-id ${INSTANCE} --iam-instance-profile Name=ssm-${INSTANCE}`,
      'aws iam create-role --role-name AWSSystemsManagerDefaultEC2InstanceManagementRole --path /service-role/ ',
      'aws ssm update-service-setting',
    ],
    options: { profile: null },
  },
  {
    world: 'an instance without profile, with Default Host Management',
    id: 'managed',
    status: 'ok',
    says: [`by Default Host Management, with the role ${HOST_ROLE}`],
    options: { profile: null },
    arrange: switchOnHostManagement,
  },
  {
    world: 'an agent that has stopped',
    id: 'agent-connected',
    status: 'failed',
    error: 'AgentOffline',
    says: ['is not connected', 'PingStatus is Online, last ping 2026', 'it lags'],
    remedy: ['sudo systemctl restart amazon-ssm-agent', `get-connection-status --target ${INSTANCE}`],
    arrange: async (stage) => {
      await heardOf(stage);
      stage.aws.world.ec2.instance(INSTANCE)!.agent.running = false;
    },
  },
  {
    world: 'Default Host Management, with an agent that is too old',
    id: 'host-management',
    status: 'warning',
    says: ['the agent is 3.2.419.0, and it wants 3.2.582.0'],
    remedy: ['--document-name AWS-UpdateSSMAgent --instance-ids'],
    arrange: async (stage) => {
      stage.aws.world.ec2.instance(INSTANCE)!.agent.version = '3.2.419.0';
      await switchOnHostManagement(stage);
    },
  },
  {
    world: 'Default Host Management, on an instance that still has IMDSv1',
    id: 'host-management',
    status: 'warning',
    says: ['IMDSv2 is optional, and it wants it required'],
    remedy: [`modify-instance-metadata-options --instance-id ${INSTANCE} --http-tokens required`],
    arrange: async (stage) => {
      stage.aws.world.ec2.instance(INSTANCE)!.httpTokens = 'optional';
      await switchOnHostManagement(stage);
    },
  },
  {
    world: 'Default Host Management, whose role was deleted',
    id: 'host-management',
    status: 'warning',
    says: [`its role ${HOST_ROLE} does not exist`],
    remedy: [
      'aws iam create-role --role-name AWSSystemsManagerDefaultEC2InstanceManagementRole --path /service-role/ ',
      'aws iam attach-role-policy --role-name AWSSystemsManagerDefaultEC2InstanceManagementRole ',
    ],
    arrange: async (stage) => {
      await switchOnHostManagement(stage);
      await takeHostPolicy(stage);
      await stage.aws.world.asRoot('iam', 'DeleteRole', { RoleName: HOST_ROLE.split('/')[1] });
    },
  },
  {
    world: 'Default Host Management, whose role trusts EC2',
    id: 'host-management',
    status: 'warning',
    says: ['does not trust ssm.amazonaws.com'],
    remedy: [
      'aws iam update-assume-role-policy --role-name AWSSystemsManagerDefaultEC2InstanceManagementRole ',
      // What there was stays.
      '"Service":["ec2.amazonaws.com"]',
    ],
    arrange: async (stage) => {
      await switchOnHostManagement(stage);
      await changeTrust(stage, HOST_ROLE.split('/')[1]!, trusting('ec2.amazonaws.com'));
    },
  },
  {
    world: 'Default Host Management, whose role allows nothing',
    id: 'host-management',
    status: 'warning',
    says: [`its role ${HOST_ROLE} does not allow ssm:UpdateInstanceInformation, ssmmessages:CreateControlChannel, `],
    remedy: [
      'aws iam attach-role-policy --role-name AWSSystemsManagerDefaultEC2InstanceManagementRole --policy-arn arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy',
    ],
    arrange: async (stage) => {
      await switchOnHostManagement(stage);
      await takeHostPolicy(stage);
    },
  },
  {
    world: 'Default Host Management, whose role denies the agent a channel',
    id: 'host-management',
    status: 'warning',
    says: [`its role ${HOST_ROLE} does not allow ssmmessages:OpenDataChannel;`],
    remedy: [
      'aws iam get-role-policy --role-name AWSSystemsManagerDefaultEC2InstanceManagementRole --policy-name no-channel',
    ],
    arrange: async (stage) => {
      stage.aws.world.ec2.instance(INSTANCE)!.httpTokens = 'optional';
      await switchOnHostManagement(stage);
      const Action = 'ssmmessages:OpenDataChannel';
      await putPolicy(stage, HOST_ROLE.split('/')[1]!, 'no-channel', { Effect: 'Deny', Action, Resource: '*' });
    },
  },
  {
    world: 'an instance that Default Host Management would manage, if its role allowed it to',
    id: 'managed',
    status: 'failed',
    error: 'InstanceNotManaged',
    says: ['Systems Manager does not know'],
    remedy: ['Or see why Default Host Management, which is on, does not: host-management.'],
    options: { profile: null },
    arrange: async (stage) => {
      await switchOnHostManagement(stage, 0);
      await takeHostPolicy(stage);
      await stage.pass(31 * 60);
    },
  },
  {
    world: 'Default Host Management, and a profile that allows the agent all that it needs',
    id: 'profile-first',
    status: 'warning',
    says: [
      'not used here: AmazonSSMManagedInstanceCore (statement 1) in the profile allows ssm:UpdateInstanceInformation',
    ],
    remedy: [
      "take ssm:UpdateInstanceInformation out of the profile's role",
      'aws iam detach-role-policy --role-name app --policy-arn arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore',
    ],
    arrange: switchOnHostManagement,
  },
  {
    world: 'Default Host Management that has all it needs, and is not heard of any more',
    id: 'registration',
    status: 'warning',
    says: ['the agent was last heard of at 2026', '/lib/amazon/ssm', 'does not come back by itself'],
    remedy: [`associate-iam-instance-profile --instance-id ${INSTANCE}`, 're-create the instance'],
    options: { profile: null },
    arrange: async (stage) => {
      await switchOnHostManagement(stage);
      await heardOf(stage);
      stage.aws.world.ec2.instance(INSTANCE)!.agent.running = false;
    },
    ends: 'AgentOffline',
  },
  {
    world: 'Default Host Management that was switched on a moment ago',
    id: 'registration',
    status: 'warning',
    says: ['Systems Manager does not know the instance', 'may take half an hour'],
    options: { profile: null },
    arrange: (stage) => switchOnHostManagement(stage, 2),
    ends: 'InstanceNotManaged',
  },
  {
    world: 'a role without any policy',
    id: 'ssm-core',
    status: 'warning',
    says: [
      'Not even what every agent needs, as far as IAM shows: allowed by none: ',
      ', ssm:UpdateInstanceInformation, ',
    ],
    remedy: [
      'aws iam attach-role-policy --role-name app --policy-arn arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore',
    ],
    arrange: ({ aws }) =>
      aws.world.asRoot('iam', 'DetachRolePolicy', {
        RoleName: 'app',
        PolicyArn: 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore',
      }),
    ends: 'InstanceNotManaged',
  },
  {
    world: 'a role that denies a part of it',
    id: 'ssm-core',
    status: 'warning',
    says: ['Not all of it', 'denied by no-inventory (NoInventory): ssm:PutInventory, '],
    remedy: ['aws iam get-role-policy --role-name app --policy-name no-inventory'],
    arrange: (stage) =>
      putPolicy(stage, 'app', 'no-inventory', {
        Sid: 'NoInventory',
        Effect: 'Deny',
        Action: 'ssm:Put*',
        Resource: '*',
      }),
  },
  {
    world: 'a role that allows a part of it on a condition',
    id: 'ssm-core',
    status: 'warning',
    says: ['on conditions or resources of from-here (statement 1): ec2messages:AcknowledgeMessage, '],
    remedy: ['aws iam get-role-policy --role-name app --policy-name from-here'],
    arrange: (stage) =>
      putPolicy(stage, 'app', 'from-here', {
        Effect: 'Deny',
        Action: 'ec2messages:*',
        Resource: '*',
        Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
      }),
  },
  {
    world: 'a role that does not trust EC2 any more',
    id: 'trust',
    status: 'failed',
    error: 'RestoreFailed',
    says: ['app does not let ec2.amazonaws.com assume it'],
    remedy: [
      `aws iam update-assume-role-policy --role-name app --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com"]}`,
      '"Principal":{"Service":"ec2.amazonaws.com"}',
    ],
    arrange: trustNobody,
  },
  {
    world: 'a role that denies itself to everybody',
    id: 'trust',
    status: 'failed',
    error: 'RestoreFailed',
    says: ['app does not let ec2.amazonaws.com assume it'],
    arrange: async (stage) => {
      await heardOf(stage);
      const everybody = { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' };
      await changeTrust(stage, 'app', trusting('ec2.amazonaws.com'), everybody);
      await stage.pass(SETTLED);
    },
  },
  {
    world: 'a role that trusts EC2 on a condition',
    id: 'trust',
    status: 'unknown',
    says: ['hangs on a condition'],
    remedy: ['Role.AssumeRolePolicyDocument'],
    arrange: (stage) =>
      changeTrust(stage, 'app', {
        ...trusting('ec2.amazonaws.com'),
        Condition: { Null: { 'aws:TagKeys': 'true' } },
      }),
  },
  {
    world: 'a role that trusts Systems Manager, too',
    id: 'trust',
    status: 'ok',
    says: ['lets ec2.amazonaws.com assume it', 'ssm.amazonaws.com may, too, which neither'],
    arrange: (stage) => changeTrust(stage, 'app', trusting('ec2.amazonaws.com', 'ssm.amazonaws.com')),
  },
];
