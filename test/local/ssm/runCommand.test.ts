import { afterEach, describe, expect, test } from '@jest/globals';
import { closeWorlds, INSTANCE, virtualWorld } from './fakeWorld';

afterEach(closeWorlds);

describe('a command and its end', () => {
  test('the answer to SendCommand', async () => {
    const world = virtualWorld();
    const command = await world.send(['true'], { Comment: 'why' }, { executionTimeout: ['5'] });
    expect(command).toMatchObject({ Status: 'Pending', StatusDetails: 'Pending', Comment: 'why', TargetCount: 1 });
    expect(command).toMatchObject({ DocumentVersion: '$DEFAULT', MaxErrors: '0', TimeoutSeconds: 30 });
    expect(Number(command.ExpiresAfter) - Number(command.RequestedDateTime)).toBe(35_000);
    const other = await world.send(['true']);
    expect(Number(other.ExpiresAfter) - Number(other.RequestedDateTime)).toBe(3_630_000);
  });

  test('success: nothing to read until it ends, then output, times and code', async () => {
    const world = virtualWorld(() => ({ stdout: 'out', stderr: 'err' }));
    const { CommandId } = await world.send(['sleep 70']);
    expect(await world.status(CommandId)).toMatchObject({ Status: 'Pending', ResponseCode: -1 });
    await world.later(1_000);
    const running = await world.status(CommandId);
    expect(running).toMatchObject({ Status: 'InProgress', StatusDetails: 'InProgress', ResponseCode: -1 });
    expect(running).toMatchObject({
      ExecutionEndDateTime: '',
      StandardOutputContent: '',
      PluginName: 'aws:runShellScript',
    });
    await world.later(80_000);
    const done = await world.status(CommandId);
    expect(done).toMatchObject({ Status: 'Success', ResponseCode: 0, ExecutionElapsedTime: 'PT1M10S' });
    expect(done).toMatchObject({ StandardOutputContent: 'out', StandardErrorContent: 'err', StandardOutputUrl: '' });
    expect(await world.parent(CommandId)).toMatchObject({ Status: 'Success', CompletedCount: 1, ErrorCount: 0 });
  });

  test('exit 7 fails, with what the agent adds', async () => {
    const world = virtualWorld(() => ({ stderr: 'oh' }));
    const { CommandId } = await world.send(['exit 7']);
    await world.later(2_000);
    expect(await world.status(CommandId)).toMatchObject({
      Status: 'Failed',
      ResponseCode: 7,
      StandardErrorContent: 'oh\nfailed to run commands: exit status 7',
    });
    expect(await world.parent(CommandId)).toMatchObject({ Status: 'Failed', ErrorCount: 1 });
  });

  test('the execution timeout: TimedOut here, Failed in the parent', async () => {
    const world = virtualWorld();
    const { CommandId } = await world.send(['sleep 20'], {}, { executionTimeout: ['5'] });
    await world.later(5_600);
    const view = await world.status(CommandId);
    expect(view).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut', ResponseCode: 137 });
    expect(view.StandardOutputContent).toBe('so far');
    expect(await world.parent(CommandId)).toMatchObject({ Status: 'Failed', StatusDetails: 'Failed', ErrorCount: 1 });
  });

  test('an execution timeout below 5 s counts as 3600', async () => {
    const world = virtualWorld();
    const { CommandId } = await world.send(['sleep 20'], {}, { executionTimeout: ['2'] });
    await world.later(21_000);
    expect(await world.status(CommandId)).toMatchObject({ Status: 'Success' });
  });

  test('output is cut: 24,000 and 8,000, and 2,500 in the list', async () => {
    const world = virtualWorld(() => ({ stdout: 'o'.repeat(30_000), stderr: 'e'.repeat(9_000) }));
    const { CommandId } = await world.send(['true']);
    await world.later(1_000);
    const view = await world.status(CommandId);
    expect(view.StandardOutputContent).toHaveLength(24_000);
    expect(view.StandardErrorContent).toHaveLength(8_000);
    const list = await world.call('ListCommandInvocations', { CommandId, Details: true });
    const { Output } = list.CommandInvocations[0].CommandPlugins[0];
    expect(Output).toHaveLength(2_500);
    expect(Output).toContain('\n----------ERROR-------\ne');
    expect((await world.call('ListCommandInvocations', { CommandId })).CommandInvocations[0].CommandPlugins).toEqual(
      [],
    );
  });
});

describe('CancelCommand', () => {
  test('while it runs: 137', async () => {
    const world = virtualWorld();
    const { CommandId } = await world.send(['sleep 60']);
    await world.later(2_000);
    expect(await world.call('CancelCommand', { CommandId })).toEqual({});
    await world.later(1);
    expect(await world.status(CommandId)).toMatchObject({ Status: 'Cancelled', ResponseCode: 137 });
    expect(await world.parent(CommandId)).toMatchObject({ Status: 'Cancelled' });
  });

  test('before it was delivered: it never starts', async () => {
    const world = virtualWorld();
    const { CommandId } = await world.send(['true']);
    await world.call('CancelCommand', { CommandId });
    await world.later(60_000);
    expect(await world.status(CommandId)).toMatchObject({ Status: 'Cancelled', ResponseCode: -1 });
    expect(world.runs).toEqual([]);
  });

  test('an unknown or malformed id; one that has ended', async () => {
    const world = virtualWorld();
    const CommandId = '01234567-0123-0123-0123-0123456789ab';
    const error = { code: 'InvalidCommandId', message: `Command id ${CommandId} does not exist.` };
    await expect(world.call('CancelCommand', { CommandId })).rejects.toMatchObject(error);
    await expect(world.call('CancelCommand', { CommandId: 'x' })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    const many = { CommandId, InstanceIds: Array(51).fill(INSTANCE) };
    await expect(world.call('CancelCommand', many)).rejects.toThrow(/'instanceIds'.*less than or equal to 50$/);
    const command = await world.send(['true']);
    await world.later(2_000);
    await world.call('CancelCommand', { CommandId: command.CommandId });
    expect(await world.status(command.CommandId)).toMatchObject({ Status: 'Success' });
  });
});

test('closing the world ends what runs and what waits', async () => {
  const world = virtualWorld();
  const { CommandId } = await world.send(['sleep 60']);
  await world.later(1_000);
  world.instance.agent.running = false;
  const waiting = await world.send(['true']);
  await world.later(1_000);
  await world.ssm.close?.();
  expect(world.runs[0]?.signal.aborted).toBe(true);
  for (const id of [CommandId, waiting.CommandId])
    expect(await world.status(id)).toMatchObject({ Status: 'Cancelled' });
});

describe('the agent and its instance', () => {
  test('a stopped agent: Delayed, then DeliveryTimedOut 15 s after ExpiresAfter', async () => {
    const world = virtualWorld();
    await world.call('DescribeInstanceInformation', {});
    world.instance.agent.running = false;
    const { CommandId } = await world.send(['true'], {}, { executionTimeout: ['5'] });
    await world.later(2_000);
    expect(await world.status(CommandId)).toMatchObject({ Status: 'Pending', StatusDetails: 'Delayed' });
    await world.later(47_000);
    expect(await world.status(CommandId)).toMatchObject({ Status: 'Pending' });
    await world.later(2_000);
    const view = await world.status(CommandId);
    expect(view).toMatchObject({ Status: 'TimedOut', StatusDetails: 'DeliveryTimedOut', ResponseCode: -1 });
    const parent = { Status: 'TimedOut', ErrorCount: 0, DeliveryTimedOutCount: 1 };
    expect(await world.parent(CommandId)).toMatchObject(parent);
    expect(world.runs).toEqual([]);
  });

  test('an agent that comes back in time gets the message, later it does not', async () => {
    const world = virtualWorld();
    await world.call('DescribeInstanceInformation', {});
    world.instance.agent.running = false;
    const first = await world.send(['true']);
    await world.later(20_000);
    world.instance.agent.running = true;
    await world.later(10_000);
    expect(await world.status(first.CommandId)).toMatchObject({ Status: 'Success' });
    world.instance.agent.running = false;
    const second = await world.send(['true']);
    await world.later(40_000);
    world.instance.agent.running = true;
    await world.later(60_000);
    expect(await world.status(second.CommandId)).toMatchObject({ Status: 'Pending' });
  });

  test('an instance that stops: the script is killed, the status stays until the time is over', async () => {
    const world = virtualWorld();
    const { CommandId } = await world.send(['sleep 50'], {}, { executionTimeout: ['60'] });
    await world.later(2_000);
    world.instance.state = 'stopping';
    await world.later(60_000);
    expect(world.runs[0]?.signal.aborted).toBe(true);
    expect(await world.status(CommandId)).toMatchObject({ Status: 'InProgress', StandardOutputContent: '' });
    await world.later(45_000);
    expect(await world.status(CommandId)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'Undeliverable' });
  });

  test('without rights it never registers; with them it is listed and connected', async () => {
    const world = virtualWorld();
    world.state.rights = ['ssm:UpdateInstanceInformation'];
    await expect(world.send(['true'])).rejects.toMatchObject({
      code: 'InvalidInstanceId',
      message: 'Instances not in a valid state for account',
    });
    expect(await world.call('DescribeInstanceInformation', {})).toEqual({ InstanceInformationList: [] });
    expect(await world.call('GetConnectionStatus', { Target: INSTANCE })).toMatchObject({ Status: 'notconnected' });
    world.state.rights = [
      ...world.state.rights,
      'ec2messages:GetMessages',
      'ec2messages:AcknowledgeMessage',
      'ec2messages:SendReply',
    ];
    const Filters = [{ Key: 'InstanceIds', Values: [INSTANCE] }];
    const { InstanceInformationList: list } = await world.call('DescribeInstanceInformation', { Filters });
    expect(list[0]).toMatchObject({ InstanceId: INSTANCE, PingStatus: 'Online', AgentVersion: '3.3.5226.0' });
    expect(await world.call('GetConnectionStatus', { Target: INSTANCE })).toMatchObject({ Status: 'connected' });
    world.instance.state = 'stopped';
    expect(await world.call('DescribeInstanceInformation', {})).toEqual({ InstanceInformationList: [] });
    await expect(world.send(['true'])).rejects.toMatchObject({ code: 'InvalidInstanceId' });
  });

  test('the agent keeps its credentials for 30 minutes after it lost its rights, however often they are taken', async () => {
    const world = virtualWorld();
    const connection = async () => (await world.call('GetConnectionStatus', { Target: INSTANCE })).Status;
    expect(await connection()).toBe('connected');
    await world.later(60 * 60_000);
    world.state.profile = false;
    world.state.swappedAt = world.clock.now();
    await world.later(20 * 60_000);
    expect(await connection()).toBe('connected');
    world.state.swappedAt = world.clock.now();
    await world.later(11 * 60_000);
    expect(await connection()).toBe('notconnected');
  });

  test('PingStatus lags 5 minutes, the connection does not', async () => {
    const world = virtualWorld();
    const ping = async () =>
      (await world.call('DescribeInstanceInformation', {})).InstanceInformationList[0].PingStatus;
    expect(await ping()).toBe('Online');
    world.instance.agent.running = false;
    await world.later(80_000);
    expect(await ping()).toBe('Online');
    expect(await world.call('GetConnectionStatus', { Target: INSTANCE })).toMatchObject({ Status: 'notconnected' });
    await world.later(240_000);
    expect(await ping()).toBe('ConnectionLost');
  });
});

describe('who may, and what is refused', () => {
  test('SendCommand is authorized on the document and on each instance with its tags', async () => {
    const world = virtualWorld();
    await world.send(['true'], { OutputS3BucketName: 'logs' });
    const tags = { 'aws:ResourceTag/team': 'a', 'ssm:resourceTag/team': 'a' };
    expect(world.authorized).toEqual([
      ['ssm:SendCommand', 'arn:aws:ssm:eu-west-1::document/AWS-RunShellScript', undefined],
      ['ssm:SendCommand', world.instance.arn, tags],
      ['ssm:SendCommand', 'arn:aws:s3:::logs', undefined],
    ]);
    const own = { schemaVersion: '2.2', mainSteps: [{ name: 'go', action: 'aws:runShellScript', inputs: {} }] };
    world.ssm.putDocument({ name: 'prove', owner: '123456789012', content: own });
    await world.call('DescribeDocument', { Name: 'prove' });
    expect(world.authorized.at(-1)?.[1]).toBe('arn:aws:ssm:eu-west-1:123456789012:document/prove');
  });

  test('a denied resource ends it before anything is looked at', async () => {
    const world = virtualWorld();
    const arn = 'arn:aws:ssm:eu-west-1:123456789012:document/Nothing';
    const input = { InstanceIds: [INSTANCE], DocumentName: 'Nothing' };
    await expect(world.call('SendCommand', input, [arn])).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await expect(world.call('SendCommand', input)).rejects.toMatchObject({ code: 'InvalidDocument' });
  });

  test.each([
    [{ InstanceIds: ['bad'] }, 'ValidationException'],
    [{ InstanceIds: [INSTANCE, INSTANCE] }, 'DuplicateInstanceId'],
    [{ InstanceIds: ['i-00000000000000000'] }, 'InvalidInstanceId'],
    [{ Comment: 'x'.repeat(101) }, 'ValidationException'],
    [{ TimeoutSeconds: 29 }, 'ValidationException'],
    [{ TimeoutSeconds: 2_592_001 }, 'ValidationException'],
    [{ Targets: [{ Key: 'tag:a', Values: ['b'] }] }, 'ValidationException'],
    [{ CloudWatchOutputConfig: { CloudWatchLogGroupName: 'a b' } }, 'ValidationException'],
    [{ DocumentVersion: '9' }, 'InvalidDocumentVersion'],
  ])('%j is %s', async (more, code) => {
    await expect(virtualWorld().send(['true'], more)).rejects.toMatchObject({ code });
  });

  test('a wrong member of a list has the literal message', async () => {
    await expect(virtualWorld().send(['true'], { InstanceIds: ['bad', INSTANCE] })).rejects.toThrow(
      `1 validation error detected: Value '[bad, ${INSTANCE}]' at 'instanceIds' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy regular expression pattern: (^i-(\\w{8}|\\w{17})$)|(^mi-\\w{17}$)]`,
    );
  });

  test('what AWS does by default may be asked for', async () => {
    const world = virtualWorld();
    await world.send(['true'], { Targets: [], MaxConcurrency: '50', MaxErrors: '0' });
    for (const [name, value] of [
      ['MaxConcurrency', '1'],
      ['MaxErrors', '10%'],
    ] as const) {
      await expect(world.send(['true'], { [name]: value })).rejects.toThrow(
        `Not supported by the embedded AWS: ${name}`,
      );
    }
  });

  test('a document may be named by its ARN', async () => {
    const world = virtualWorld();
    const arn = 'arn:aws:ssm:eu-west-1::document/AWS-RunShellScript';
    await world.send(['true'], { DocumentName: arn });
    expect(world.authorized).toContainEqual(['ssm:SendCommand', arn, undefined]);
    expect(await world.call('DescribeDocument', { Name: arn })).toMatchObject({
      Document: { Name: 'AWS-RunShellScript' },
    });
    for (const wrong of ['arn:aws:ssm:us-east-1::document/AWS-RunShellScript', arn.replace('::', ':123456789012:')]) {
      await expect(world.send(['true'], { DocumentName: wrong })).rejects.toMatchObject({ code: 'InvalidDocument' });
    }
  });

  test.each<[string, object, string]>([
    ['GetConnectionStatus', {}, "Value null at 'target' failed to satisfy constraint: Member must not be null"],
    ['GetConnectionStatus', { Target: '' }, 'Member must have length greater than or equal to 1'],
    ['GetConnectionStatus', { Target: 'x'.repeat(401) }, 'Member must have length less than or equal to 400'],
    ['CancelCommand', {}, "Value null at 'commandId' failed to satisfy constraint: Member must not be null"],
    ['GetCommandInvocation', { InstanceId: INSTANCE }, "Value null at 'commandId'"],
    [
      'GetCommandInvocation',
      { PluginName: 'x' },
      "Value 'x' at 'pluginName' failed to satisfy constraint: Member must have length greater than or equal to 4",
    ],
  ])('%s of %j is refused', async (name, input, message) => {
    const refused = { code: 'ValidationException', message: expect.stringContaining(message) };
    await expect(virtualWorld().call(name, input)).rejects.toMatchObject(refused);
  });

  const status = { key: 'Status', value: 'Success' };
  test.each<[object[], string]>([
    [[], 'Member must have length greater than or equal to 1'],
    [
      Array(6).fill(status),
      "at 'filters' failed to satisfy constraint: Member must have length less than or equal to 5",
    ],
    [[status, { ...status, value: '' }], "Value '' at 'filters.2.member.value'"],
    [[{ ...status, value: 'x'.repeat(129) }], 'Member must have length less than or equal to 128'],
    [[{ value: 'Success' }], "Value null at 'filters.1.member.key'"],
    [[{ key: 'InvokedAfter', value: 'x' }], "Value 'x' at 'filters.1.member.value'"],
    [[{ key: 'InvokedBefore', value: '2026-99-01T00:00:00Z' }], "at 'filters.1.member.value'"],
  ])('filters %j are refused', async (Filters, message) => {
    const world = virtualWorld();
    for (const name of ['ListCommands', 'ListCommandInvocations']) {
      const refused = { code: 'ValidationException', message: expect.stringContaining(message) };
      await expect(world.call(name, { Filters })).rejects.toMatchObject(refused);
    }
  });

  test('the parameters', async () => {
    const world = virtualWorld();
    const invalid = { code: 'InvalidParameters' };
    const input = { InstanceIds: [INSTANCE], DocumentName: 'AWS-RunShellScript' };
    await expect(world.call('SendCommand', input)).rejects.toMatchObject(invalid);
    await expect(world.send(['true'], {}, { other: ['1'] })).rejects.toMatchObject(invalid);
    await expect(world.send(['true'], {}, { executionTimeout: ['a'] })).rejects.toMatchObject(invalid);
    await expect(world.send(['true'], {}, { executionTimeout: ['5', '6'] })).rejects.toMatchObject(invalid);
  });

  test('the wrong platform', async () => {
    const world = virtualWorld(undefined, { platform: 'Windows' });
    await expect(world.send(['true'])).rejects.toMatchObject({ code: 'UnsupportedPlatformType' });
    const { CommandId } = await world.send(['exit 3'], { DocumentName: 'AWS-RunPowerShellScript' });
    await world.later(1_000);
    expect(await world.status(CommandId)).toMatchObject({ Status: 'Failed', ResponseCode: 3 });
    expect(world.runs[0]?.kind).toBe('powershell');
  });

  test('a malformed instance id has the literal message; an unknown invocation its code', async () => {
    const world = virtualWorld();
    const bad = world.call('GetCommandInvocation', { CommandId: 'invalid', InstanceId: 'invalid' });
    await expect(bad).rejects.toThrow(
      /^2 validation errors detected: .*'instanceId'.*\(\^i-\(\\w\{8\}\|\\w\{17\}\)\$\)/,
    );
    const unknown = world.status('01234567-0123-0123-0123-0123456789ab');
    await expect(unknown).rejects.toMatchObject({ code: 'InvocationDoesNotExist' });
  });

  test.each(['ListCommands', 'ListCommandInvocations'])('%s page by page, the newest first', async (name) => {
    const world = virtualWorld();
    const sent: string[] = [];
    const send = async () => void sent.unshift((await world.send(['true'])).CommandId);
    for (let count = 0; count < 51; count += 1) await send();
    const list = async (input: object): Promise<{ ids: string[]; NextToken?: string }> => {
      const { Commands, CommandInvocations, NextToken } = await world.call(name, input);
      const items: { CommandId: string }[] = Commands ?? CommandInvocations;
      return { ids: items.map(({ CommandId }) => CommandId), NextToken };
    };
    const first = await list({ MaxResults: 25 });
    expect(first.ids).toEqual(sent.slice(0, 25));
    // What is sent in between shifts nothing.
    await send();
    const second = await list({ NextToken: first.NextToken });
    expect(second).toEqual({ ids: sent.slice(26), NextToken: undefined });
    expect((await list({})).ids).toEqual(sent.slice(0, 50));
    expect(await list({ MaxResults: 1, CommandId: sent[3] })).toEqual({ ids: [sent[3]], NextToken: undefined });
  });

  test.each([
    [{ MaxResults: 0 }, 'ValidationException', 'Member must have value greater than or equal to 1'],
    [{ MaxResults: 51 }, 'ValidationException', 'Member must have value less than or equal to 50'],
    [{ NextToken: 'nonsense' }, 'InvalidNextToken', 'token'],
  ])('a page of %j is refused', async (input, code, message) => {
    const world = virtualWorld();
    for (const name of ['ListCommands', 'ListCommandInvocations']) {
      const refused = { code, message: expect.stringContaining(message) };
      await expect(world.call(name, input)).rejects.toMatchObject(refused);
    }
  });

  test('ListCommands filters', async () => {
    const world = virtualWorld();
    const first = await world.send(['true']);
    await world.later(2_000);
    const second = await world.send(['sleep 9']);
    const list = async (key: string, value: string) => {
      const { Commands } = await world.call('ListCommands', { InstanceId: INSTANCE, Filters: [{ key, value }] });
      return Commands.map((command: { CommandId: string }) => command.CommandId);
    };
    expect(await list('ExecutionStage', 'Executing')).toEqual([second.CommandId]);
    expect(await list('Status', 'Success')).toEqual([first.CommandId]);
    expect(await list('DocumentName', 'AWS-RunShellScript')).toEqual([second.CommandId, first.CommandId]);
    expect(await list('InvokedAfter', new Date(world.clock.now() - 1_000).toISOString())).toEqual([second.CommandId]);
    await expect(list('Nonsense', '1')).rejects.toMatchObject({ code: 'InvalidFilterKey' });
  });

  test('ListCommandInvocations filters, but not by ExecutionStage', async () => {
    const world = virtualWorld();
    const first = await world.send(['exit 1']);
    await world.later(2_000);
    const second = await world.send(['true'], { DocumentName: 'AWS-RunPowerShellScript' });
    await world.later(2_000);
    const list = async (key: string, value: string) => {
      const { CommandInvocations } = await world.call('ListCommandInvocations', { Filters: [{ key, value }] });
      return CommandInvocations.map((invocation: { CommandId: string }) => invocation.CommandId);
    };
    expect(await list('Status', 'Failed')).toEqual([first.CommandId]);
    expect(await list('DocumentName', 'AWS-RunPowerShellScript')).toEqual([second.CommandId]);
    expect(await list('InvokedBefore', new Date(world.clock.now() - 3_000).toISOString())).toEqual([first.CommandId]);
    await expect(list('ExecutionStage', 'Complete')).rejects.toMatchObject({ code: 'InvalidFilterKey' });
  });
});
