import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DisassociateIamInstanceProfileCommand,
} from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  DescribeInstanceInformationCommand,
  GetConnectionStatusCommand,
  GetServiceSettingCommand,
  ResetServiceSettingCommand,
  SSMClient,
  UpdateServiceSettingCommand,
} from '@aws-sdk/client-ssm';
import { expect, test } from '@jest/globals';
import { clientSettings } from '../support/inProcess';
import { createStage, INSTANCE, makeProfile, request, type Stage } from '../support/stage';

/** AWS's guide, 'Default Host Management Configuration', followed step by step, and what an elevation does to it. */
const SettingId = '/ssm/managed-instance/default-ec2-instance-management-role';
const SETTING_ARN = `arn:aws:ssm:us-east-1:123456789012:servicesetting${SettingId}`;
const ROLE = 'AWSSystemsManagerDefaultEC2InstanceManagementRole';
const SettingValue = `service-role/${ROLE}`;
const MINUTE = 60;

const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

async function makeHostRole({ iam, during }: Stage): Promise<void> {
  const AssumeRolePolicyDocument = document({
    Effect: 'Allow',
    Principal: { Service: 'ssm.amazonaws.com' },
    Action: 'sts:AssumeRole',
  });
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy';
  await during(iam.send(new CreateRoleCommand({ RoleName: ROLE, Path: '/service-role/', AssumeRolePolicyDocument })));
  await during(iam.send(new AttachRolePolicyCommand({ RoleName: ROLE, PolicyArn })));
}

/** The stage's instance has no profile; Default Host Management is on since `minutes`. */
async function switchedOn(minutes = 0, options: Parameters<typeof createStage>[0] = {}): Promise<Stage> {
  const stage = await createStage({ profile: null, ...options });
  await makeHostRole(stage);
  await stage.pass(MINUTE);
  await stage.during(stage.ssm.send(new UpdateServiceSettingCommand({ SettingId, SettingValue })));
  await stage.pass(minutes * MINUTE);
  return stage;
}

const setting = async ({ ssm, during }: Stage, id = SettingId) =>
  (await during(ssm.send(new GetServiceSettingCommand({ SettingId: id })))).ServiceSetting;

async function managed({ ssm, during }: Stage, id = INSTANCE) {
  const Filters = [{ Key: 'InstanceIds', Values: [id] }];
  const { InstanceInformationList } = await during(ssm.send(new DescribeInstanceInformationCommand({ Filters })));
  return InstanceInformationList?.[0];
}

const connection = async ({ ssm, during }: Stage, Target = INSTANCE) =>
  (await during(ssm.send(new GetConnectionStatusCommand({ Target })))).Status;

const attach = ({ ec2, during }: Stage, Name: string) =>
  during(ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: INSTANCE, IamInstanceProfile: { Name } })));

async function associations({ ec2, during }: Stage) {
  const described = await during(ec2.send(new DescribeIamInstanceProfileAssociationsCommand({})));
  return described.IamInstanceProfileAssociations ?? [];
}

async function detach(stage: Stage): Promise<void> {
  const [{ AssociationId } = {}] = await associations(stage);
  await stage.during(stage.ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId })));
}

test('off, as it is by default: an instance without a profile is unknown to Systems Manager', async () => {
  const stage = await createStage({ profile: null });
  expect(await setting(stage)).toMatchObject({ SettingId, SettingValue: '$None', Status: 'Default', ARN: SETTING_ARN });
  await stage.pass(60 * MINUTE);
  expect(await managed(stage)).toBeUndefined();
  expect(await connection(stage)).toBe('notconnected');
});

test('switched on: the instance appears after up to 30 minutes, with the role; its scripts have no credentials', async () => {
  const stage = await switchedOn();
  expect(await setting(stage, SETTING_ARN)).toMatchObject({ SettingValue, Status: 'Customized' });
  await stage.pass(29 * MINUTE);
  expect(await managed(stage)).toBeUndefined();
  await stage.pass(MINUTE);
  expect(await managed(stage)).toMatchObject({ PingStatus: 'Online', IamRole: SettingValue });
  expect(await connection(stage)).toBe('connected');
  expect(stage.aws.world.imds.credentials(INSTANCE)).toBeUndefined();
});

test('an agent that is too old, and an instance that does not insist on IMDSv2, stay unknown', async () => {
  const stage = await switchedOn();
  const { ec2 } = stage.aws.world;
  const old = ec2.addInstance({ agent: { version: '3.2.419.0' } });
  const justNew = ec2.addInstance({ agent: { version: '3.2.582.0' } });
  const optional = ec2.addInstance({ httpTokens: 'optional' });
  await stage.pass(60 * MINUTE);
  expect(await managed(stage, old.id)).toBeUndefined();
  expect(await managed(stage, optional.id)).toBeUndefined();
  expect(await managed(stage, justNew.id)).toMatchObject({ AgentVersion: '3.2.582.0' });
  // It has tried in vain, and waits.
  optional.httpTokens = 'required';
  expect(await managed(stage, optional.id)).toBeUndefined();
  await stage.pass(30 * MINUTE);
  expect(await managed(stage, optional.id)).toBeDefined();
});

test('a role that does not trust Systems Manager, or allows too little, is of no use', async () => {
  const stage = await createStage({ profile: null });
  await makeProfile(stage.aws, 'for-ec2');
  const trust = { Effect: 'Allow', Principal: { Service: 'ssm.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = document(trust);
  await stage.during(stage.iam.send(new CreateRoleCommand({ RoleName: 'empty', AssumeRolePolicyDocument })));
  for (const value of ['for-ec2', 'empty']) {
    await stage.during(stage.ssm.send(new UpdateServiceSettingCommand({ SettingId, SettingValue: value })));
    await stage.pass(60 * MINUTE);
    expect(await managed(stage)).toBeUndefined();
  }
});

test('a profile with ssm:UpdateInstanceInformation wins; one without leaves the instance to Default Host Management', async () => {
  const stage = await switchedOn(30);
  await makeProfile(stage.aws, 'app');
  await stage.aws.world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: 'empty' });
  await stage.pass(MINUTE);
  expect(await managed(stage)).toMatchObject({ IamRole: SettingValue });

  await attach(stage, 'empty');
  await stage.pass(MINUTE);
  expect(await managed(stage)).toMatchObject({ PingStatus: 'Online', IamRole: SettingValue });
  await detach(stage);
  await stage.pass(MINUTE);

  await attach(stage, 'app');
  await stage.pass(MINUTE);
  expect(await managed(stage)).toMatchObject({ PingStatus: 'Online' });
  expect(await managed(stage)).not.toHaveProperty('IamRole');

  await detach(stage);
  for (let minute = 0; minute < 40; minute += 1) {
    await stage.pass(MINUTE);
    expect(await connection(stage)).toBe('connected');
  }
  expect(await managed(stage)).toMatchObject({ IamRole: SettingValue });
});

test('switched off again: the agent works until its credentials end, then the connection is lost', async () => {
  const stage = await switchedOn(30);
  expect(await connection(stage)).toBe('connected');
  const { ServiceSetting } = await stage.during(stage.ssm.send(new ResetServiceSettingCommand({ SettingId })));
  expect(ServiceSetting).toMatchObject({ SettingValue: '$None', Status: 'Default' });
  await stage.pass(29 * MINUTE);
  expect(await connection(stage)).toBe('connected');
  await stage.pass(7 * MINUTE);
  expect(await connection(stage)).toBe('notconnected');
  expect(await managed(stage)).toMatchObject({ PingStatus: 'ConnectionLost' });
});

test('who switches it on needs the right to it, and to pass the role; other settings are not there', async () => {
  const stage = await createStage({ profile: null });
  await makeHostRole(stage);
  const { iam, during } = stage;
  const UserName = 'admin';
  await during(iam.send(new CreateUserCommand({ UserName })));
  const { AccessKey } = await stage.aws.world.asRoot('iam', 'CreateAccessKey', { UserName });
  const keys = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  const ssm = new SSMClient(clientSettings(stage.aws, async () => keys));
  const allow = async (...statements: object[]) => {
    const PolicyDocument = document(...statements.map((statement) => ({ Effect: 'Allow', ...statement })));
    await during(iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument })));
    await stage.pass(MINUTE);
  };
  const change = () => during(ssm.send(new UpdateServiceSettingCommand({ SettingId, SettingValue })));

  const onSetting = { Action: ['ssm:UpdateServiceSetting', 'ssm:GetServiceSetting'], Resource: SETTING_ARN };
  await allow(onSetting);
  const name = 'AccessDeniedException';
  await expect(change()).rejects.toMatchObject({ name, message: expect.stringContaining('iam:PassRole') });
  const toSsm = { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } };
  const Resource = `arn:aws:iam::123456789012:role/${SettingValue}`;
  await allow(onSetting, { Action: 'iam:PassRole', Resource, Condition: toSsm });
  await change();
  expect(await setting(stage)).toMatchObject({ LastModifiedUser: 'arn:aws:iam::123456789012:user/admin' });

  await expect(setting(stage, '/ssm/other')).rejects.toMatchObject({ name: 'ServiceSettingNotFound' });
  const withoutPath = new UpdateServiceSettingCommand({ SettingId, SettingValue: ROLE });
  await expect(during(stage.ssm.send(withoutPath))).rejects.toMatchObject({ name: 'ValidationException' });
});

test('an elevation runs through, and leaves the instance as it was: no profile, and managed all the time', async () => {
  const stage = await switchedOn(30);
  for (const name of ['first', 'second']) {
    const run = await stage.start(request({ shell: ['sleep 600', 'echo done'] }), name);
    await stage.pass(5 * MINUTE);
    // The temp role's profile wins while it is there.
    expect(await managed(stage)).toMatchObject({ PingStatus: 'Online' });
    expect(await managed(stage)).not.toHaveProperty('IamRole');
    const { status, output } = await stage.ended(run);
    expect(status).toBe('SUCCEEDED');
    expect(JSON.parse(output!)).toMatchObject({ script: { stdout: 'done\n' }, outcome: { restored: 'removed' } });
  }
  await stage.pass(MINUTE);
  expect(await associations(stage)).toEqual([]);
  for (let minute = 0; minute < 45; minute += 1) {
    expect(await connection(stage)).toBe('connected');
    await stage.pass(MINUTE);
  }
  expect(await managed(stage)).toMatchObject({ PingStatus: 'Online', IamRole: SettingValue });
});

test('why a temp role is kept after its run: deleted at once it would take the agent along for 30 minutes', async () => {
  const stage = await switchedOn(30);
  const { world } = stage.aws;
  await makeProfile(stage.aws, 'temp');
  await stage.pass(MINUTE);
  await attach(stage, 'temp');
  await stage.pass(MINUTE);
  expect(await connection(stage)).toBe('connected');
  await detach(stage);
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
  await world.asRoot('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName: 'temp', RoleName: 'temp' });
  await world.asRoot('iam', 'DetachRolePolicy', { RoleName: 'temp', PolicyArn });
  await world.asRoot('iam', 'DeleteRole', { RoleName: 'temp' });
  await stage.pass(MINUTE);
  expect(await connection(stage)).toBe('notconnected');
  await stage.pass(28 * MINUTE);
  expect(await connection(stage)).toBe('notconnected');
  await stage.pass(MINUTE);
  expect(await connection(stage)).toBe('connected');
});
