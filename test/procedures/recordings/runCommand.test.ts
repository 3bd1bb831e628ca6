import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetConnectionStatusCommand,
  type InstanceInformationStringFilter,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import type { World } from '../../../local/world';
import { virtualShell } from '../../support/virtualShell';
import { account, EC2_TRUST, refusal } from './recorded';

/** aws-facts 4.2 and 4.3: Run Command, as it was recorded. */
const INSTANCE = 'i-0123456789abcdef0';
const NOBODYS = '00000000-0000-4000-8000-000000000000';

async function stage() {
  let world: World;
  const all = account(virtualShell(() => world, undefined));
  world = all.world;
  Object.assign(world.imds, { endpoint: async () => 'http://169.254.169.254' });
  await all.makeProfile('core', EC2_TRUST, 'AmazonSSMManagedInstanceCore');
  await all.pass(60);
  const instance = world.ec2.addInstance({ id: INSTANCE, profile: 'core' });
  await all.pass(60);
  const { ssm } = all;
  return {
    ...all,
    instance,
    send: async (commands: string[], executionTimeout = '3600', TimeoutSeconds = 30) => {
      const Parameters = { commands, executionTimeout: [executionTimeout] };
      const DocumentName = 'AWS-RunShellScript';
      const command = new SendCommandCommand({ DocumentName, InstanceIds: [INSTANCE], Parameters, TimeoutSeconds });
      return (await ssm.send(command)).Command!;
    },
    invocation: (CommandId?: string) => ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: INSTANCE })),
    /** The parent. */
    command: async (CommandId?: string) => (await ssm.send(new ListCommandsCommand({ CommandId }))).Commands?.[0],
    known: async (Filters?: InstanceInformationStringFilter[]) =>
      (await ssm.send(new DescribeInstanceInformationCommand({ Filters }))).InstanceInformationList,
  };
}

describe('the end of a command', () => {
  test.each([
    ['success', ['echo hello'], ['Success', 'Success', 0], ['Success', 0]],
    ['exit 7', ['echo hello', 'exit 7'], ['Failed', 'Failed', 7], ['Failed', 1]],
    ['the time is over', ['sleep 60'], ['TimedOut', 'ExecutionTimedOut', 137], ['Failed', 1]],
  ] as const)('%s', async (_, script, invoked, parent) => {
    const { send, invocation, command, pass } = await stage();
    const { CommandId } = await send([...script], '5');
    await pass(120);
    const { Status, StatusDetails, ResponseCode } = await invocation(CommandId);
    expect([Status, StatusDetails, ResponseCode]).toEqual(invoked);
    const ended = await command(CommandId);
    expect([ended?.Status, ended?.ErrorCount]).toEqual(parent);
  });

  test('cancelled while it runs', async () => {
    const { send, invocation, ssm, pass } = await stage();
    const { CommandId } = await send(['sleep 600']);
    await pass(5);
    expect(await invocation(CommandId)).toMatchObject({ Status: 'InProgress', ResponseCode: -1 });
    await ssm.send(new CancelCommandCommand({ CommandId }));
    await pass(30);
    expect(await invocation(CommandId)).toMatchObject({ Status: 'Cancelled', ResponseCode: 137 });
  });

  test('a timeout out of range counts as an hour', async () => {
    const { send, invocation, pass } = await stage();
    const { CommandId } = await send(['sleep 20'], '2');
    await pass(60);
    expect(await invocation(CommandId)).toMatchObject({ Status: 'Success', ResponseCode: 0 });
  });

  test('the agent has stopped: Delayed, then DeliveryTimedOut some 15 s after ExpiresAfter', async () => {
    const { send, invocation, command, known, instance, pass, clock } = await stage();
    // The registry learns of an agent by being asked.
    expect(await known()).toHaveLength(1);
    instance.agent.running = false;
    const { CommandId, ExpiresAfter } = await send(['echo hello'], '5');
    await pass(20);
    const late = { Status: 'Pending', StatusDetails: 'Delayed', ResponseCode: -1 };
    expect(await invocation(CommandId)).toMatchObject(late);
    await pass((ExpiresAfter!.getTime() - clock.now()) / 1_000);
    expect(await invocation(CommandId)).toMatchObject(late);
    await pass(20);
    expect(await invocation(CommandId)).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'DeliveryTimedOut',
      ResponseCode: -1,
    });
    expect(await command(CommandId)).toMatchObject({ Status: 'TimedOut', ErrorCount: 0, DeliveryTimedOutCount: 1 });
  });
});

describe('what is shown', () => {
  test('before it has begun', async () => {
    const { send, invocation } = await stage();
    const { CommandId, ...command } = await send(['echo hello']);
    expect(command).toMatchObject({ Status: 'Pending', DocumentVersion: '$DEFAULT', Comment: '', TargetCount: 1 });
    expect(await invocation(CommandId)).toMatchObject({
      CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
      PluginName: 'aws:runShellScript',
      ResponseCode: -1,
      ExecutionEndDateTime: '',
      StandardOutputContent: '',
      StandardOutputUrl: '',
    });
  });

  test.each([
    ['5', 35],
    [undefined, 3_630],
  ])('ExpiresAfter with an execution timeout of %s: %i s', async (timeout, seconds) => {
    const { ssm } = await stage();
    const { Command } = await ssm.send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [INSTANCE],
        TimeoutSeconds: 30,
        Parameters: { commands: ['echo hello'], ...(timeout && { executionTimeout: [timeout] }) },
      }),
    );
    const { ExpiresAfter, RequestedDateTime } = Command!;
    expect((ExpiresAfter!.getTime() - RequestedDateTime!.getTime()) / 1_000).toBe(seconds);
  });

  test('24,000 characters of the output, and 2,500 of both streams in a listing', async () => {
    const { send, invocation, ssm, pass } = await stage();
    const { CommandId } = await send([`echo ${'a'.repeat(30_000)}`]);
    await pass(30);
    expect((await invocation(CommandId)).StandardOutputContent).toHaveLength(24_000);
    const { CommandInvocations } = await ssm.send(new ListCommandInvocationsCommand({ CommandId, Details: true }));
    expect(CommandInvocations?.[0]?.CommandPlugins?.[0]?.Output).toHaveLength(2_500);
  });

  test('an instance that is unknown, and a command that is', async () => {
    const { ssm, known } = await stage();
    const unknown = 'i-0fedcba9876543210';
    expect(await known([{ Key: 'InstanceIds', Values: [unknown] }])).toEqual([]);
    expect(await ssm.send(new GetConnectionStatusCommand({ Target: unknown }))).toMatchObject({
      Target: unknown,
      Status: 'notconnected',
    });
    expect((await ssm.send(new ListCommandsCommand({ CommandId: NOBODYS }))).Commands).toEqual([]);
  });

  test('the ping lags when the agent stops, the connection does not', async () => {
    const { ssm, instance, known, pass } = await stage();
    expect(await known()).toMatchObject([{ InstanceId: INSTANCE, PingStatus: 'Online' }]);
    instance.agent.running = false;
    await pass(80);
    expect(await known()).toMatchObject([{ PingStatus: 'Online' }]);
    expect(await ssm.send(new GetConnectionStatusCommand({ Target: INSTANCE }))).toMatchObject({
      Status: 'notconnected',
    });
  });
});

describe('refusals', () => {
  test('a stopped instance is no target, and not listed', async () => {
    const { send, known, world, pass } = await stage();
    world.ec2.stopInstance(INSTANCE);
    await pass(60);
    expect(await refusal(send(['echo hello']))).toEqual({
      code: 'InvalidInstanceId',
      message: expect.stringMatching(/not in a valid state for account/),
      status: 400,
    });
    expect(await known()).toEqual([]);
  });

  test('ids that no command and no instance can have', async () => {
    const { ssm } = await stage();
    const both = new GetCommandInvocationCommand({ CommandId: 'bad', InstanceId: 'invalid' });
    const { code, message, status } = await refusal(ssm.send(both));
    expect([code, status]).toEqual(['ValidationException', 400]);
    expect(message).toMatch(/^2 validation errors detected: Value '/);
    expect(message).toContain(
      "Value 'invalid' at 'instanceId' failed to satisfy constraint: Member must satisfy regular expression pattern: (^i-(\\w{8}|\\w{17})$)|(^mi-\\w{17}$)",
    );
    const cancel = (CommandId: string) => refusal(ssm.send(new CancelCommandCommand({ CommandId })));
    expect(await cancel('bad')).toMatchObject({ code: 'ValidationException', status: 400 });
    expect(await cancel(NOBODYS)).toEqual({
      code: 'InvalidCommandId',
      message: `Command id ${NOBODYS} does not exist.`,
      status: 400,
    });
  });

  test('a command that is not there, or not yet', async () => {
    const { ssm } = await stage();
    const get = new GetCommandInvocationCommand({ CommandId: NOBODYS, InstanceId: INSTANCE });
    expect(await refusal(ssm.send(get))).toMatchObject({ code: 'InvocationDoesNotExist', status: 400 });
  });

  test('filters of instances', async () => {
    const { known } = await stage();
    expect(await refusal(known([{ Key: 'Colour', Values: ['red'] }]))).toMatchObject({
      message: 'Colour filter Key is invalid.',
      status: 400,
    });
    const mixed = [
      { Key: 'tag:Name', Values: ['worker'] },
      { Key: 'PingStatus', Values: ['Online'] },
    ];
    expect(await refusal(known(mixed))).toMatchObject({
      message: 'Cannot mix tag or inventory filter with any other filter.',
      status: 400,
    });
  });
});
