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
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws } from '../../local';
import { virtualClock } from '../../local/clock/virtual';

/** What people do by hand before they know StepUp, by the SDK and in virtual time. */
const MINUTE = 60_000;
const CORE = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
const trust = (Principal: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] });

let aws: LocalAws;
afterEach(() => aws.close());

function account() {
  const clock = virtualClock();
  aws = createLocalAws({ clock });
  const settings = {
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1',
    credentials: aws.world.iam.rootKey,
    requestHandler: aws.requestHandler(),
    maxAttempts: 1,
  };
  const clients = { iam: new IAMClient(settings), ec2: new EC2Client(settings), ssm: new SSMClient(settings) };
  return { ...clients, pass: () => clock.run(clock.sleep(MINUTE)) };
}

/** A role and an instance profile of the same name. */
async function makeProfile(iam: IAMClient, name: string): Promise<void> {
  const AssumeRolePolicyDocument = trust({ Service: 'ec2.amazonaws.com' });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
}

test('an instance shows up in Systems Manager once its role may what the agent needs', async () => {
  const { iam, ssm, pass } = account();
  const seen = async () => (await ssm.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList;
  await makeProfile(iam, 'for-ec2');
  await makeProfile(iam, 'other');
  const second = { InstanceProfileName: 'for-ec2', RoleName: 'other' };
  await expect(iam.send(new AddRoleToInstanceProfileCommand(second))).rejects.toMatchObject({
    name: 'LimitExceededException',
    message: 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
  });
  const PolicyDocument = trust({ Service: ['ec2.amazonaws.com', 'ssm.amazonaws.com'] });
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'for-ec2', PolicyDocument }));
  await pass();
  const { id } = aws.world.ec2.addInstance({ profile: 'for-ec2' });
  await pass();
  expect(await seen()).toEqual([]);
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'for-ec2', PolicyArn: CORE }));
  await pass();
  expect(await seen()).toMatchObject([{ InstanceId: id, PingStatus: 'Online' }]);
});

test('a profile is attached to a stopped instance, and never to one that is gone', async () => {
  const { iam, ec2, pass } = account();
  await makeProfile(iam, 'for-ec2');
  await pass();
  const { id } = aws.world.ec2.addInstance({});
  const one = { InstanceIds: [id] };
  const associate = new AssociateIamInstanceProfileCommand({ InstanceId: id, IamInstanceProfile: { Name: 'for-ec2' } });
  const seen = async () => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand(one));
    const all = await ec2.send(new DescribeIamInstanceProfileAssociationsCommand());
    const associations = all.IamInstanceProfileAssociations?.map(({ State }) => State);
    return [Reservations?.[0]?.Instances?.[0]?.State?.Name, associations];
  };
  await ec2.send(new StopInstancesCommand(one));
  expect(await seen()).toEqual(['stopping', []]);
  await pass();
  await ec2.send(associate);
  await pass();
  expect(await seen()).toEqual(['stopped', ['associating']]);
  await ec2.send(new StartInstancesCommand(one));
  await pass();
  expect(await seen()).toEqual(['running', ['associated']]);
  await ec2.send(new TerminateInstancesCommand(one));
  await pass();
  expect(await seen()).toEqual(['terminated', []]);
  await expect(ec2.send(associate)).rejects.toMatchObject({
    name: 'IncorrectInstanceState',
    message: `The instance '${id}' is not in the 'running' or 'stopped' states.`,
  });
});
