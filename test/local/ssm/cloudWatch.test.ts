import { afterEach, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws } from '../../../local';
import { virtualClock } from '../../../local/clock/virtual';

const INSTANCE = 'i-0123456789abcdef0';
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const trust = (Service: string) => document({ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' });

const open: LocalAws[] = [];
afterEach(async () => {
  for (const aws of open.splice(0)) await aws.close();
});

/** A managed instance whose commands print `stdout`; its role may what `actions` say, beside SSM core. */
async function world(stdout: string, actions: string[]) {
  const clock = virtualClock();
  const calls: string[] = [];
  const aws = createLocalAws({
    clock,
    delays: { iamPropagation: 0, imdsRefresh: 0 },
    shell: { run: async () => ({ exitCode: 0, stdout, stderr: '' }) },
    intercept: ({ service, operation, principal }, proceed) => {
      if (service === 'logs') calls.push(`${operation} by ${principal.arn.split(':assumed-role/')[1]}`);
      return proceed();
    },
  });
  open.push(aws);
  const { asRoot, imds, ec2 } = aws.world;
  Object.assign(imds, { endpoint: async () => 'http://169.254.169.254' });
  await asRoot('iam', 'CreateRole', { RoleName: 'app', AssumeRolePolicyDocument: trust('ec2.amazonaws.com') });
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
  await asRoot('iam', 'AttachRolePolicy', { RoleName: 'app', PolicyArn });
  const PolicyDocument = document({ Effect: 'Allow', Action: actions, Resource: '*' });
  await asRoot('iam', 'PutRolePolicy', { RoleName: 'app', PolicyName: 'logs', PolicyDocument });
  await asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: 'app' });
  await asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: 'app', RoleName: 'app' });
  ec2.addInstance({ id: INSTANCE, profile: 'app' });
  const later = (ms: number) => clock.run(clock.sleep(ms));
  const send = async (CloudWatchLogGroupName?: string, InstanceId = INSTANCE) => {
    const { Command } = await asRoot('ssm', 'SendCommand', {
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [InstanceId],
      Parameters: { commands: ['x'] },
      CloudWatchOutputConfig: { CloudWatchOutputEnabled: true, CloudWatchLogGroupName },
    });
    const { CommandId } = Command;
    const status = async () => (await asRoot('ssm', 'ListCommands', { CommandId })).Commands[0].Status;
    while ((await status()) !== 'Success') await later(1_000);
    return CommandId as string;
  };
  const events = (logGroupName: string) => asRoot('logs', 'FilterLogEvents', { logGroupName });
  return { aws, calls, send, events, later };
}

const by = (operation: string) => `${operation} by app/${INSTANCE}`;

test('the agent looks, makes what is not there, and writes; all as the instance', async () => {
  const { calls, send, events } = await world('hello\n', ['logs:*']);
  const first = await send('g');
  const making = ['DescribeLogGroups', 'CreateLogGroup', 'CreateLogStream', 'DescribeLogStreams', 'PutLogEvents'];
  expect(calls).toEqual(making.map(by));
  const second = await send('g');
  expect(calls.slice(5)).toEqual(making.filter((name) => name !== 'CreateLogGroup').map(by));
  const stream = (id: string) => `${id}/${INSTANCE}/aws-runShellScript/stdout`;
  expect((await events('g')).events).toMatchObject([
    { logStreamName: stream(first), message: 'hello' },
    { logStreamName: stream(second), message: 'hello' },
  ]);
});

test('a long output becomes several events, none in the middle of a line that fits', async () => {
  const lines = [...Array.from({ length: 60_000 }, (_, line) => `line ${line}`), 'x'.repeat(450_000), 'end'];
  const { send, events } = await world(`${lines.join('\n')}\n`, ['logs:*']);
  await send();
  const found = (await events('/aws/ssm/AWS-RunShellScript')).events.map(({ message }: { message: string }) => message);
  expect(Math.max(...found.map((message: string) => message.length))).toBeLessThanOrEqual(200_000);
  expect(found.join('\n').replace(/x\nx/g, 'xx')).toBe(lines.join('\n'));
});

test.each([
  [['CreateLogGroup', 'CreateLogStream', 'PutLogEvents'], true],
  [['DescribeLogGroups', 'DescribeLogStreams', 'CreateLogStream', 'PutLogEvents'], false],
  [['Describe*', 'CreateLogGroup', 'PutLogEvents'], false],
  [['Describe*', 'CreateLogGroup', 'CreateLogStream'], false],
])('with %j alone the output is written: %j', async (actions, written) => {
  const { send, aws } = await world(
    'hello\n',
    actions.map((action) => `logs:${action}`),
  );
  await send('g');
  const { logGroups } = await aws.world.asRoot('logs', 'DescribeLogGroups', {});
  expect(logGroups.some(({ storedBytes }: { storedBytes: number }) => storedBytes > 0)).toBe(written);
});

test('on an instance without a profile the agent writes by Default Host Management', async () => {
  const { aws, calls, send, later } = await world('hello\n', ['logs:*']);
  const { asRoot, ec2 } = aws.world;
  await asRoot('iam', 'UpdateAssumeRolePolicy', { RoleName: 'app', PolicyDocument: trust('ssm.amazonaws.com') });
  const SettingId = '/ssm/managed-instance/default-ec2-instance-management-role';
  await asRoot('ssm', 'UpdateServiceSetting', { SettingId, SettingValue: 'app' });
  const { id } = ec2.addInstance({});
  await later(30 * 60_000);
  await send('g', id);
  expect(calls).toContain(`PutLogEvents by app/${id}`);
});
