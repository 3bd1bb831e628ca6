import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { describeWithAwsCli } from '../support/awsCli';
import { account, type Person, writeDocument, writeTrust } from './guide';

const INSTANCE = 'i-0123456789abcdef0';
const GROUP = '/ops/output';
const ARN = 'arn:aws:logs:us-east-1:123456789012:log-group';
const AT_ONCE = { iamPropagation: 0, associating: 0, imdsRefresh: 0 };

/** An account with a managed instance, whose role may in CloudWatch Logs what `statements` say. */
async function prepared(...statements: object[]) {
  const all = await account({ delays: AT_ONCE });
  const { owner } = all;
  const trust = writeTrust('ec2-trust.json', { Service: 'ec2.amazonaws.com' });
  await owner.prints(`iam create-role --role-name app --assume-role-policy-document ${trust}`);
  const core = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
  await owner.prints(`iam attach-role-policy --role-name app --policy-arn ${core}`);
  if (statements.length > 0) {
    const document = writeDocument('output.json', ...statements.map((one) => ({ Effect: 'Allow', ...one })));
    await owner.prints(`iam put-role-policy --role-name app --policy-name output --policy-document ${document}`);
  }
  await owner.prints('iam create-instance-profile --instance-profile-name app');
  await owner.prints('iam add-role-to-instance-profile --instance-profile-name app --role-name app');
  all.aws.world.ec2.addInstance({ id: INSTANCE, profile: 'app' });
  return owner;
}

/** Sends the lines with their output wanted in CloudWatch, and waits for the end. */
async function run(person: Person, config: string, ...commands: string[]) {
  const { Command } = await person.prints(
    `ssm send-command --document-name AWS-RunShellScript --instance-ids ${INSTANCE} --cloud-watch-output-config ${config}`,
    '--parameters',
    JSON.stringify({ commands }),
  );
  for (let look = 0; look < 50; look += 1) {
    const query = `ssm get-command-invocation --command-id ${Command.CommandId} --instance-id ${INSTANCE}`;
    const invocation = await person.prints(query);
    if (!['Pending', 'InProgress'].includes(invocation.Status)) return invocation;
    await sleep(200);
  }
  throw new Error(`${Command.CommandId} has not ended`);
}

const toGroup = { Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'] };

describeWithAwsCli('the output of a command in CloudWatch Logs, by the AWS CLI', () => {
  test('with a role that may write there: two streams, in a group that the agent makes', async () => {
    const owner = await prepared(
      { Action: 'logs:DescribeLogGroups', Resource: '*' },
      { Action: [...toGroup.Action, 'logs:CreateLogGroup'], Resource: `${ARN}:${GROUP}:*` },
    );
    const config = `CloudWatchOutputEnabled=true,CloudWatchLogGroupName=${GROUP}`;
    const done = await run(owner, config, 'echo one', 'echo two', 'echo wrong >&2');
    expect(done).toMatchObject({ Status: 'Success', StandardOutputContent: 'one\ntwo\n' });
    const shown = { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: GROUP };
    expect(done.CloudWatchOutputConfig).toEqual(shown);
    const listed = await owner.prints(`ssm list-command-invocations --command-id ${done.CommandId}`);
    expect(listed.CommandInvocations[0].CloudWatchOutputConfig).toEqual(shown);

    const stream = `${done.CommandId}/${INSTANCE}/aws-runShellScript`;
    const { logStreams } = await owner.prints('logs', 'describe-log-streams', '--log-group-name', GROUP);
    expect(logStreams.map(({ logStreamName }: { logStreamName: string }) => logStreamName)).toEqual([
      `${stream}/stderr`,
      `${stream}/stdout`,
    ]);
    const read = `--log-group-name ${GROUP} --log-stream-name ${stream}/stdout`;
    const { events } = await owner.prints('logs', 'get-log-events', ...read.split(' '));
    expect(events).toMatchObject([{ message: 'one\ntwo' }]);
    const all = await owner.prints('logs', 'filter-log-events', '--log-group-name', GROUP);
    expect(all.events.map(({ message }: { message: string }) => message)).toEqual(['one\ntwo', 'wrong']);
  }, 60_000);

  test('without a name it is the group of the document, which may be there already; no data, no stream', async () => {
    const group = '/aws/ssm/AWS-RunShellScript';
    const owner = await prepared(
      { ...toGroup, Resource: `${ARN}:${group}:*` },
      { Action: 'logs:Describe*', Resource: '*' },
    );
    await owner.prints('logs', 'create-log-group', '--log-group-name', group);
    const { CommandId } = await run(owner, 'CloudWatchOutputEnabled=true', 'echo one');
    const { logStreams } = await owner.prints('logs', 'describe-log-streams', '--log-group-name', group);
    expect(logStreams).toMatchObject([{ logStreamName: `${CommandId}/${INSTANCE}/aws-runShellScript/stdout` }]);
  }, 60_000);

  test('with a role that may not, the command succeeds all the same, and nothing is written', async () => {
    const owner = await prepared();
    const config = `CloudWatchOutputEnabled=true,CloudWatchLogGroupName=${GROUP}`;
    expect(await run(owner, config, 'echo one')).toMatchObject({ Status: 'Success', StandardOutputContent: 'one\n' });
    expect(await owner.prints('logs', 'describe-log-groups')).toEqual({ logGroups: [] });
  }, 60_000);

  test('the same operations by hand', async () => {
    const { owner } = await account({});
    const at = ['--log-group-name', 'g', '--log-stream-name', 's'];
    await owner.prints('logs', 'create-log-group', '--log-group-name', 'g');
    expect(await owner.refused('logs', 'create-log-group', '--log-group-name', 'g')).toEqual({
      code: 'ResourceAlreadyExistsException',
      message: 'The specified log group already exists',
    });
    await owner.prints('logs', 'create-log-stream', ...at);
    await owner.prints('logs', 'put-log-events', ...at, '--log-events', `timestamp=${Date.now()},message=hello`);
    expect((await owner.prints('logs', 'get-log-events', ...at)).events).toMatchObject([{ message: 'hello' }]);
    await owner.prints('logs', 'delete-log-group', '--log-group-name', 'g');
    expect(await owner.refused('logs', 'get-log-events', ...at)).toMatchObject({ code: 'ResourceNotFoundException' });
  }, 60_000);
});
