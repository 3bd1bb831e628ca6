import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws } from '../../../local';
import { virtualClock } from '../../../local/clock/virtual';

const ARN = 'arn:aws:logs:us-east-1:123456789012:log-group';
const HOUR = 3_600_000;

const open: LocalAws[] = [];
afterEach(async () => {
  for (const aws of open.splice(0)) await aws.close();
});

function world() {
  const clock = virtualClock();
  const aws = createLocalAws({ clock, delays: { iamPropagation: 0 } });
  open.push(aws);
  const client = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
    new CloudWatchLogsClient({
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1',
      credentials,
      requestHandler: aws.requestHandler(),
      maxAttempts: 1,
    });
  return { aws, clock, client, logs: client(aws.world.iam.rootKey) };
}

type Event = { timestamp: number; message: string };

/** A group `g` with a stream `s`. */
async function withStream() {
  const all = world();
  const { logs, clock } = all;
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'g' }));
  await logs.send(new CreateLogStreamCommand({ logGroupName: 'g', logStreamName: 's' }));
  const put = (logEvents: Event[], logStreamName = 's') =>
    logs.send(new PutLogEventsCommand({ logGroupName: 'g', logStreamName, logEvents }));
  const get = (more: object = {}) =>
    logs.send(new GetLogEventsCommand({ logGroupName: 'g', logStreamName: 's', ...more }));
  const event = (message: string, offset = 0): Event => ({ timestamp: clock.now() + offset, message });
  return { ...all, put, get, event };
}

const texts = (events: { message?: string }[] = []) => events.map(({ message }) => message);

describe('groups and streams', () => {
  test('are made, described and deleted', async () => {
    const { logs, put, event, clock } = await withStream();
    await put([event('hello')]);
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'g' }));
    expect(logGroups).toEqual([
      {
        logGroupName: 'g',
        creationTime: clock.now(),
        metricFilterCount: 0,
        arn: `${ARN}:g:*`,
        logGroupArn: `${ARN}:g`,
        logGroupClass: 'STANDARD',
        storedBytes: 31,
      },
    ]);
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupIdentifier: `${ARN}:g` }));
    expect(logStreams).toEqual([
      expect.objectContaining({ logStreamName: 's', arn: `${ARN}:g:log-stream:s`, lastEventTimestamp: clock.now() }),
    ]);
    await logs.send(new DeleteLogGroupCommand({ logGroupName: 'g' }));
    expect((await logs.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([]);
  });

  test('come in pages, by name', async () => {
    const { logs } = world();
    for (const logGroupName of ['/b', '/a', '/d', '/c', 'e'])
      await logs.send(new CreateLogGroupCommand({ logGroupName }));
    const pages: unknown[] = [];
    const wanted = { logGroupNamePrefix: '/' };
    for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs, pageSize: 3 }, wanted)) {
      pages.push(logGroups.map(({ logGroupName }) => logGroupName));
    }
    expect(pages).toEqual([['/a', '/b', '/c'], ['/d']]);
    await expect(logs.send(new DescribeLogGroupsCommand({ nextToken: 'x' }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'The specified nextToken is invalid.',
    });
  });

  test('by a pattern, which is a part of the name: less is told of them', async () => {
    const { logs, clock } = world();
    for (const logGroupName of ['/app/FooBar', '/app/foobar', 'Foo'])
      await logs.send(new CreateLogGroupCommand({ logGroupName }));
    const found = async (logGroupNamePattern: string) =>
      (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern }))).logGroups;
    const [logGroupName, creationTime] = ['/app/FooBar', clock.now()];
    expect(await found('FooB')).toEqual([{ logGroupName, creationTime, arn: `${ARN}:/app/FooBar:*` }]);
    expect((await found('Foo'))?.length).toBe(2);
    expect(await found('fooB')).toEqual([]);
  });

  test('streams by their last event', async () => {
    const { logs, put, event } = await withStream();
    for (const logStreamName of ['a', 'z'])
      await logs.send(new CreateLogStreamCommand({ logGroupName: 'g', logStreamName }));
    await put([event('late', 2)], 'a');
    await put([event('early', 1)], 'z');
    const orderBy = 'LastEventTime';
    const order = { logGroupName: 'g', orderBy, descending: true } as const;
    const { logStreams = [] } = await logs.send(new DescribeLogStreamsCommand(order));
    expect(logStreams.map(({ logStreamName }) => logStreamName)).toEqual(['a', 'z', 's']);
    const mixed = logs.send(new DescribeLogStreamsCommand({ ...order, logStreamNamePrefix: 'a' }));
    await expect(mixed).rejects.toThrow('Cannot order by LastEventTime with a logStreamNamePrefix.');
  });

  const group = { logGroupName: 'g' };
  const stream = { ...group, logStreamName: 's' };
  const other = { ...group, logStreamName: 'x' };
  const noGroup = 'The specified log group does not exist.';
  test.each([
    [new CreateLogGroupCommand(group), 'ResourceAlreadyExistsException', 'The specified log group already exists'],
    [new CreateLogStreamCommand(stream), 'ResourceAlreadyExistsException', 'The specified log stream already exists'],
    [new DeleteLogGroupCommand({ logGroupName: 'x' }), 'ResourceNotFoundException', noGroup],
    [new DescribeLogStreamsCommand({ logGroupName: 'x' }), 'ResourceNotFoundException', noGroup],
    [new GetLogEventsCommand(other), 'ResourceNotFoundException', 'The specified log stream does not exist.'],
    [
      new CreateLogGroupCommand({ logGroupName: 'a b' }),
      'InvalidParameterException',
      "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
    ],
    [
      new FilterLogEventsCommand({ ...group, filterPattern: 'ERROR' }),
      'InvalidParameterException',
      'Not supported by the embedded AWS: filterPattern',
    ],
    [
      new FilterLogEventsCommand({}),
      'InvalidParameterException',
      'Exactly one of logGroupName and logGroupIdentifier must be given.',
    ],
  ])('%# is refused', async (command, name, message) => {
    const { logs } = await withStream();
    await expect(logs.send(command as DeleteLogGroupCommand)).rejects.toMatchObject({ name, message });
  });
});

describe('events', () => {
  test('are read from the end, or from the head, and on with the tokens until these stay the same', async () => {
    const { put, get, event } = await withStream();
    await put(['1', '2', '3', '4', '5'].map((message, index) => event(message, index)));
    const last = await get({ limit: 2 });
    expect(texts(last.events)).toEqual(['4', '5']);
    const before = await get({ limit: 2, nextToken: last.nextBackwardToken });
    expect(texts(before.events)).toEqual(['2', '3']);
    const head = await get({ limit: 4, startFromHead: true });
    expect(texts(head.events)).toEqual(['1', '2', '3', '4']);
    const rest = await get({ limit: 4, nextToken: head.nextForwardToken });
    expect(texts(rest.events)).toEqual(['5']);
    const none = await get({ nextToken: rest.nextForwardToken });
    expect(none).toMatchObject({ events: [], nextForwardToken: rest.nextForwardToken });
    await put([event('6', 9)]);
    expect(texts((await get({ nextToken: none.nextForwardToken })).events)).toEqual(['6']);
    await expect(get({ nextToken: 'x' })).rejects.toThrow('The specified nextToken is invalid.');
  });

  test('between two times: the end is excluded by GetLogEvents, included by FilterLogEvents', async () => {
    const { logs, put, get, event, clock } = await withStream();
    await put(['1', '2', '3'].map((message, index) => event(message, index)));
    const between = { startTime: clock.now() + 1, endTime: clock.now() + 2 };
    expect(texts((await get(between)).events)).toEqual(['2']);
    const filtered = await logs.send(new FilterLogEventsCommand({ logGroupName: 'g', ...between }));
    expect(texts(filtered.events)).toEqual(['2', '3']);
  });

  test('of several streams are filtered together, in the order of time', async () => {
    const { logs, put, event, clock } = await withStream();
    for (const logStreamName of ['a/1', 'a/2'])
      await logs.send(new CreateLogStreamCommand({ logGroupName: 'g', logStreamName }));
    await put([event('one', 1), event('three', 3)], 'a/1');
    await put([event('two', 2)], 'a/2');
    await put([event('other', 2)]);
    const found: unknown[] = [];
    const wanted = { logGroupName: 'g', logStreamNamePrefix: 'a/' };
    for await (const { events = [] } of paginateFilterLogEvents({ client: logs, pageSize: 2 }, wanted)) {
      found.push(...events);
    }
    expect(found).toEqual(
      [
        ['a/1', 'one', 1],
        ['a/2', 'two', 2],
        ['a/1', 'three', 3],
      ].map(([logStreamName, message, offset]) => ({
        logStreamName,
        message,
        timestamp: clock.now() + Number(offset),
        ingestionTime: clock.now(),
        eventId: expect.stringMatching(/^\d{56}$/),
      })),
    );
    const unknown = logs.send(new FilterLogEventsCommand({ logGroupName: 'g', logStreamNames: ['s', 'x'] }));
    await expect(unknown).rejects.toThrow('The specified log stream does not exist.');
  });

  test('too old or too new ones are left out, and named', async () => {
    const { put, get, event } = await withStream();
    const old = await put([event('old', -15 * 24 * HOUR), event('not so old', -14 * 24 * HOUR)]);
    expect(old.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    const fresh = await put([event('now'), event('soon', 2 * HOUR), event('new', 2 * HOUR + 1)]);
    expect(fresh.rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 2 });
    expect(texts((await get()).events)).toEqual(['not so old', 'now', 'soon']);
  });

  test('what PutLogEvents refuses', async () => {
    const { put, event } = await withStream();
    await expect(put([event('b', 1), event('a')])).rejects.toThrow('must be in chronological order');
    await expect(put([event('a', -25 * HOUR), event('b')])).rejects.toThrow('cannot span more than 24 hours');
    const name = 'InvalidParameterException';
    const message = 'Upload too large: 1048577 bytes exceeds limit of 1048576';
    await expect(put([event('x'.repeat(1_048_551))])).rejects.toMatchObject({ name, message });
    await expect(put([event('')])).rejects.toThrow("at 'logEvents.1.member.message'");
    await expect(put([])).rejects.toMatchObject({ name });
  });
});

test('who may: a policy on a group has to end in `:*`', async () => {
  const { aws, client } = world();
  const UserName = 'u';
  await aws.world.asRoot('iam', 'CreateUser', { UserName });
  const { AccessKey } = await aws.world.asRoot('iam', 'CreateAccessKey', { UserName });
  const logs = client({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
  const allow = (Resource: string) => {
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource }],
    });
    return aws.world.asRoot('iam', 'PutUserPolicy', { UserName, PolicyName: 'p', PolicyDocument });
  };
  const create = () => logs.send(new CreateLogGroupCommand({ logGroupName: 'g' }));
  const denied = (action: string, resource: string) => ({
    name: 'AccessDeniedException',
    message: `User: arn:aws:iam::123456789012:user/u is not authorized to perform: logs:${action} on resource: ${resource} because no identity-based policy allows the logs:${action} action`,
  });
  await allow(`${ARN}:g`);
  await expect(create()).rejects.toMatchObject(denied('CreateLogGroup', `${ARN}:g:log-stream:`));
  await allow(`${ARN}:g:*`);
  await create();
  await logs.send(new CreateLogStreamCommand({ logGroupName: 'g', logStreamName: 's' }));
  await logs.send(new GetLogEventsCommand({ logGroupName: 'g', logStreamName: 's' }));
  await expect(logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'g' }))).rejects.toMatchObject(
    denied('DescribeLogGroups', `${ARN}::log-stream:`),
  );
});
