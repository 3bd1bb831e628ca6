import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DescribeInstancesCommand,
  EC2Client,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws, type LocalAwsOptions } from '../../local';
import { virtualClock } from '../../local/clock/virtual';
import { scratchFolder } from '../support/scratch';

/** What people do by hand before they know StepUp, from their own write-ups, with the clients that they use. */
const withCli = spawnSync('aws', ['--version']).status === 0 ? test : test.skip;
const MINUTE = 60_000;
const managed = (name: string) => `arn:aws:iam::aws:policy/${name}`;
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const trust = (Principal: object) => document({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition: {} });

const folder = scratchFolder('procedures');
const open: LocalAws[] = [];
afterEach(async () => {
  for (const aws of open.splice(0)) await aws.close();
});

function world(options: LocalAwsOptions) {
  const aws = createLocalAws(options);
  open.push(aws);
  const settings = {
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1',
    credentials: aws.world.iam.rootKey,
    requestHandler: aws.requestHandler(),
    maxAttempts: 1,
  };
  return { aws, iam: new IAMClient(settings), ec2: new EC2Client(settings), ssm: new SSMClient(settings) };
}

const AT_ONCE = { iamPropagation: 0, associating: 0, imdsRefresh: 0 };

/** The AWS CLI with these variables and nothing else: what it prints, or what it complains of. */
async function cli(endpoint: string, variables: Record<string, string>, ...args: string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ENDPOINT_URL: endpoint,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_MAX_ATTEMPTS: '1',
    AWS_METADATA_SERVICE_TIMEOUT: '5',
    ...variables,
  };
  const { stdout, stderr } = await promisify(execFile)('aws', args, { env }).catch((error) => error);
  return stdout || stderr;
}

/** A role and an instance profile of the same name. */
async function makeProfile(iam: IAMClient, name: string, ...policies: string[]): Promise<void> {
  const AssumeRolePolicyDocument = trust({ Service: 'ec2.amazonaws.com' });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
  for (const policy of policies) {
    await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: managed(policy) }));
  }
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
}

withCli(
  'a user assumes a role, and may then what the role may',
  async () => {
    const { aws, iam } = world({ delays: AT_ONCE });
    const endpoint = await aws.listen();
    const { account } = aws.world;
    const PolicyDocument = document({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' });
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'assume-role-policy', PolicyDocument }));
    const UserName = 'assume-role-user';
    await iam.send(new CreateUserCommand({ UserName }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const role = { RoleName: 'assume-role-role', AssumeRolePolicyDocument: trust({ AWS: account }) };
    const { Role } = await iam.send(new CreateRoleCommand(role));
    await iam.send(new AttachRolePolicyCommand({ ...role, PolicyArn: managed('AmazonEC2FullAccess') }));
    const asUser = {
      AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey ?? '',
    };
    const assume = ['sts', 'assume-role', '--role-arn', Role?.Arn ?? '', '--role-session-name', 'assume-role-session'];

    // The role trusts the account: without a policy of their own nobody in it gets in.
    expect(await cli(endpoint, asUser, ...assume)).toContain('(AccessDenied)');
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: Policy?.Arn }));
    expect(await cli(endpoint, asUser, 'ec2', 'describe-instances')).toContain('(UnauthorizedOperation)');
    const { Credentials, AssumedRoleUser } = JSON.parse(await cli(endpoint, asUser, ...assume));
    expect(AssumedRoleUser).toEqual({
      AssumedRoleId: `${Role?.RoleId}:assume-role-session`,
      Arn: `arn:aws:sts::${account}:assumed-role/assume-role-role/assume-role-session`,
    });
    const asRole = {
      AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials.SessionToken,
    };
    expect(JSON.parse(await cli(endpoint, asRole, 'ec2', 'describe-instances'))).toEqual({ Reservations: [] });
    const { Arn } = JSON.parse(await cli(endpoint, asRole, 'sts', 'get-caller-identity'));
    expect(Arn).toBe(AssumedRoleUser.Arn);
  },
  60_000,
);

withCli(
  'an instance reads S3 with the role of its profile, and nothing without',
  async () => {
    const { aws, iam, ec2 } = world({ delays: AT_ONCE });
    const endpoint = await aws.listen();
    await makeProfile(iam, 'S3ReadOnlyForEC2', 'AmazonS3ReadOnlyAccess');
    await aws.world.asRoot('s3', 'CreateBucket', { Bucket: 'notes' });
    await aws.world.asRoot('s3', 'PutObject', { Bucket: 'notes', Key: 'a.txt', Body: 'a' });
    const { id } = aws.world.ec2.addInstance({});
    const onInstance = { AWS_EC2_METADATA_SERVICE_ENDPOINT: await aws.world.imds.endpoint(id) };

    expect(await cli(endpoint, onInstance, 'iam', 'list-users')).toContain('Unable to locate credentials');
    const IamInstanceProfile = { Name: 'S3ReadOnlyForEC2' };
    await ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: id, IamInstanceProfile }));
    expect(await cli(endpoint, onInstance, 's3', 'ls')).toMatch(/notes$/m);
    expect(await cli(endpoint, onInstance, 's3', 'ls', 's3://notes')).toMatch(/a\.txt$/m);
    expect(await cli(endpoint, onInstance, 's3', 'cp', 's3://notes/a.txt', '-')).toBe('a');
    expect(await cli(endpoint, onInstance, 'iam', 'list-users')).toContain('(AccessDenied)');
  },
  60_000,
);

describe('in virtual time', () => {
  test('an instance shows up in Systems Manager once its role may what the agent needs', async () => {
    const clock = virtualClock();
    const { aws, iam, ssm } = world({ clock });
    const seen = async () => (await ssm.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList;
    await clock.run(makeProfile(iam, 'for-ec2'));
    await clock.run(makeProfile(iam, 'other'));
    const second = { InstanceProfileName: 'for-ec2', RoleName: 'other' };
    await expect(iam.send(new AddRoleToInstanceProfileCommand(second))).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
    });
    const PolicyDocument = trust({ Service: ['ec2.amazonaws.com', 'ssm.amazonaws.com'] });
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'for-ec2', PolicyDocument }));
    await clock.run(clock.sleep(MINUTE));
    const { id } = aws.world.ec2.addInstance({ profile: 'for-ec2' });
    await clock.run(clock.sleep(MINUTE));
    expect(await seen()).toEqual([]);
    const PolicyArn = managed('AmazonSSMManagedInstanceCore');
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'for-ec2', PolicyArn }));
    await clock.run(clock.sleep(MINUTE));
    expect(await seen()).toMatchObject([{ InstanceId: id, PingStatus: 'Online' }]);
  });

  test('a profile is attached to a stopped instance, and never to one that is gone', async () => {
    const clock = virtualClock();
    const { aws, iam, ec2 } = world({ clock });
    await clock.run(makeProfile(iam, 'for-ec2'));
    await clock.run(clock.sleep(MINUTE));
    const { id } = aws.world.ec2.addInstance({});
    const one = { InstanceIds: [id] };
    const associate = new AssociateIamInstanceProfileCommand({
      InstanceId: id,
      IamInstanceProfile: { Name: 'for-ec2' },
    });
    const association = async () => {
      const all = await ec2.send(new DescribeIamInstanceProfileAssociationsCommand());
      return all.IamInstanceProfileAssociations?.map(({ State }) => State);
    };
    const state = async () => {
      const { Reservations } = await ec2.send(new DescribeInstancesCommand(one));
      return Reservations?.[0]?.Instances?.[0]?.State?.Name;
    };
    await ec2.send(new StopInstancesCommand(one));
    expect(await state()).toBe('stopping');
    await clock.run(clock.sleep(MINUTE));
    await ec2.send(associate);
    await clock.run(clock.sleep(MINUTE));
    expect([await state(), await association()]).toEqual(['stopped', ['associating']]);
    await ec2.send(new StartInstancesCommand(one));
    await clock.run(clock.sleep(MINUTE));
    expect([await state(), await association()]).toEqual(['running', ['associated']]);
    await ec2.send(new TerminateInstancesCommand(one));
    await clock.run(clock.sleep(MINUTE));
    expect([await state(), await association()]).toEqual(['terminated', []]);
    await expect(ec2.send(associate)).rejects.toMatchObject({
      name: 'IncorrectInstanceState',
      message: `The instance '${id}' is not in the 'running' or 'stopped' states.`,
    });
  });
});
