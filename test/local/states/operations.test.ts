import { describe, expect, test } from '@jest/globals';
import { MACHINE, machineOf, outline, statesWorld, task } from './harness';

const waiting = machineOf({ Type: 'Wait', Seconds: 600, End: true });

describe('StartExecution', () => {
  test('the same name and input give the same execution while it runs', async () => {
    const world = statesWorld(waiting);
    const arn = await world.start({ a: 1 }, 'one');
    expect(arn).toBe('arn:aws:states:eu-west-1:111122223333:execution:machine:one');
    expect(await world.start({ a: 1 }, 'one')).toBe(arn);
    expect(await world.history(arn)).toHaveLength(2);
    const exists = { code: 'ExecutionAlreadyExists', message: `Execution Already Exists: '${arn}'` };
    await expect(world.start({ a: 2 }, 'one')).rejects.toMatchObject(exists);
    await world.clock.run(world.ended(arn));
    await expect(world.start({ a: 1 }, 'one')).rejects.toMatchObject(exists);
    await world.clock.run(world.clock.sleep(91 * 86_400_000));
    await expect(world.call('DescribeExecution', { executionArn: arn })).rejects.toMatchObject({
      code: 'ExecutionDoesNotExist',
    });
    expect(await world.start({ a: 2 }, 'one')).toBe(arn);
  });
  test.each([
    [{ name: 'a b' }, 'InvalidName'],
    [{ name: 'x'.repeat(81) }, 'InvalidName'],
    [{ name: 'a:b' }, 'InvalidName'],
    [{ input: 'not json' }, 'InvalidExecutionInput'],
    [{ input: '' }, 'InvalidExecutionInput'],
    [{ input: JSON.stringify('x'.repeat(262_143)) }, 'ValidationException'],
    [{ stateMachineArn: 'machine' }, 'InvalidArn'],
    [{ stateMachineArn: `${MACHINE}2` }, 'StateMachineDoesNotExist'],
  ])('%.60j: %s', async (input, code) => {
    const answer = statesWorld(waiting).call('StartExecution', { stateMachineArn: MACHINE, ...input });
    await expect(answer).rejects.toMatchObject({ code });
  });
});

describe('StopExecution', () => {
  const stopAfter = async (milliseconds: number, definition: object, handler?: () => unknown) => {
    const world = statesWorld(definition, handler);
    const executionArn = await world.start();
    await world.clock.run(world.clock.sleep(milliseconds));
    await world.call('StopExecution', { executionArn, error: 'Stopped', cause: 'by hand' });
    const execution = await world.call('DescribeExecution', { executionArn });
    expect(execution).toMatchObject({ status: 'ABORTED', error: 'Stopped', cause: 'by hand' });
    await world.clock.run(world.clock.sleep(3_600_000));
    return { world, lines: outline(await world.history(executionArn)), executionArn };
  };
  test('ends a Wait', async () => {
    const { lines, world } = await stopAfter(5_000, waiting);
    expect(lines.slice(1)).toEqual(['2<0 WaitStateEntered', '3<0 ExecutionAborted']);
    const nothing = new Promise(() => {});
    await expect(world.clock.run(nothing)).rejects.toThrow('nothing left to wait for');
  });
  test('ends a Task, and its function goes on', async () => {
    let finished = false;
    const work = async () => {
      await world.clock.sleep(60_000);
      finished = true;
    };
    const world = statesWorld({ ...machineOf(task({ TimeoutSeconds: 70, End: true })), TimeoutSeconds: 900 }, work);
    const executionArn = await world.start();
    await world.clock.run(world.clock.sleep(5_000));
    await world.call('StopExecution', { executionArn });
    await world.clock.run(world.clock.sleep(120_000));
    expect(finished).toBe(true);
    expect(outline(await world.history(executionArn)).slice(3)).toEqual([
      '4<3 LambdaFunctionStarted',
      '5<0 ExecutionAborted',
    ]);
  });
  test('ends the wait for a retry, and the task does not run again', async () => {
    const failure = () => Object.assign(new Error('no'), { name: 'Flaky' });
    const definition = machineOf(task({ Retry: [{ ErrorEquals: ['Flaky'], IntervalSeconds: 60 }], End: true }));
    const { lines, world } = await stopAfter(5_000, definition, failure);
    expect(lines.slice(4)).toEqual(['5<4 LambdaFunctionFailed', '6<0 ExecutionAborted']);
    expect(world.invokers).toHaveLength(1);
  });
});

test('nothing is recorded after the end, whenever the stop comes', async () => {
  for (let depth = 0; depth < 40; depth++) {
    let stop = () => {};
    const world = statesWorld(machineOf(task({ Next: 'T' }), { T: { Type: 'Wait', Seconds: 5, End: true } }), () => {
      let turn = Promise.resolve();
      for (let n = 0; n < depth; n++) turn = turn.then(() => {});
      void turn.then(() => stop());
      return {};
    });
    const starting = world.start({}, 'one');
    stop = () =>
      void world.call('StopExecution', { executionArn: `${MACHINE.replace('stateMachine', 'execution')}:one` });
    const { status } = await world.clock.run(world.ended(await starting));
    const lines = outline(await world.history(await starting));
    expect([status, lines.findIndex((line) => line.endsWith('Aborted'))]).toEqual(['ABORTED', lines.length - 1]);
  }
});

test('the machine’s own timeout', async () => {
  const world = statesWorld({ ...waiting, TimeoutSeconds: 60 });
  const execution = await world.run();
  expect(execution).toMatchObject({ status: 'TIMED_OUT', seconds: 60, redriveStatus: 'REDRIVABLE' });
  expect(execution.error).toBeUndefined();
  expect(execution.history.at(-1)).toMatchObject({
    type: 'ExecutionTimedOut',
    executionTimedOutEventDetails: { error: 'States.Timeout' },
  });
});

test('each change of status is published', async () => {
  const world = statesWorld(waiting);
  const executionArn = await world.start({ a: 1 }, 'one');
  await world.clock.run(world.ended(executionArn));
  const common = {
    executionArn,
    stateMachineArn: MACHINE,
    name: 'one',
    input: '{"a":1}',
    inputDetails: { included: true },
  };
  const none = { error: null, cause: null };
  const notRedrivable = (status: string) => ({
    redriveCount: 0,
    redriveDate: null,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: `Execution is ${status} and cannot be redriven`,
  });
  const startDate = Date.UTC(2026, 0, 5, 9);
  const details = [
    {
      ...common,
      ...none,
      status: 'RUNNING',
      startDate,
      stopDate: null,
      output: null,
      outputDetails: null,
      ...notRedrivable('RUNNING'),
    },
    {
      ...common,
      ...none,
      status: 'SUCCEEDED',
      startDate,
      stopDate: startDate + 600_000,
      output: '{"a":1}',
      outputDetails: { included: true },
      ...notRedrivable('SUCCEEDED'),
    },
  ];
  const head = {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: [executionArn],
  };
  expect(world.published).toEqual(details.map((detail) => ({ ...head, detail })));
});

test('an event leaves large input out', async () => {
  const world = statesWorld(machineOf({ Type: 'Pass', End: true }));
  await world.run('x'.repeat(200_000));
  expect(world.published[1]!.detail).toMatchObject({
    input: null,
    inputDetails: { included: false },
    outputDetails: { included: true },
  });
});

test('lists, pages and filters', async () => {
  const world = statesWorld(waiting);
  for (const name of ['one', 'two', 'three']) {
    await world.start({}, name);
    await world.clock.run(world.clock.sleep(1000));
  }
  await world.call('StopExecution', { executionArn: await world.start({}, 'two') });
  const list = async (input: object) => {
    const page = await world.call('ListExecutions', { stateMachineArn: MACHINE, ...input });
    return { names: page.executions.map(({ name }: { name: string }) => name), token: page.nextToken };
  };
  expect((await list({})).names).toEqual(['three', 'two', 'one']);
  expect((await list({ statusFilter: 'ABORTED' })).names).toEqual(['two']);
  const first = await list({ maxResults: 2 });
  expect(first.names).toEqual(['three', 'two']);
  expect(await list({ maxResults: 2, nextToken: first.token })).toEqual({ names: ['one'], token: undefined });
  await expect(list({ nextToken: 'x' })).rejects.toMatchObject({ code: 'InvalidToken' });
  await expect(list({ mapRunArn: 'arn:x' })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('history in reverse, in pages, without data', async () => {
  const world = statesWorld(machineOf({ Type: 'Pass', End: true }));
  const { executionArn } = await world.run({ secret: 1 });
  const input = { executionArn, reverseOrder: true, maxResults: 3, includeExecutionData: false };
  const page = await world.call('GetExecutionHistory', input);
  expect(page.events.map(({ id }: { id: number }) => id)).toEqual([4, 3, 2]);
  expect(page.events[1].stateExitedEventDetails).toEqual({ name: 'S' });
  const rest = await world.call('GetExecutionHistory', { ...input, nextToken: page.nextToken });
  expect(rest.events.map(({ id }: { id: number }) => id)).toEqual([1]);
  expect(JSON.stringify([page, rest])).not.toContain('secret');
});

test('each call is authorised on the ARN that it concerns', async () => {
  const world = statesWorld(waiting);
  const executionArn = await world.start({}, 'one');
  await world.call('DescribeExecution', { executionArn });
  await world.call('GetExecutionHistory', { executionArn });
  await world.call('ListExecutions', { stateMachineArn: MACHINE });
  await world.call('StopExecution', { executionArn });
  const machines = await world.call('ListStateMachines', {});
  expect(machines.stateMachines).toMatchObject([{ stateMachineArn: MACHINE, type: 'STANDARD' }]);
  const machine = await world.call('DescribeStateMachine', { stateMachineArn: MACHINE });
  expect(JSON.parse(machine.definition)).toEqual(waiting);
  expect(world.decided).toEqual([
    ['states:StartExecution', MACHINE],
    ['states:DescribeExecution', executionArn],
    ['states:GetExecutionHistory', executionArn],
    ['states:ListExecutions', MACHINE],
    ['states:StopExecution', executionArn],
    ['states:ListStateMachines', undefined],
    ['states:DescribeStateMachine', MACHINE],
  ]);
});
