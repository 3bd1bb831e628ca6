import { describe, expect, test } from '@jest/globals';
import { MACHINE, machineOf, outline, statesWorld, task } from './harness';

const failure = Object.assign(new Error('no'), { name: 'Broken' });
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Runs once, then is redriven; `after` is the outline of what the redrive added. */
async function redriven(definition: object, handler: (event: never, attempt: number) => unknown = () => ({})) {
  const world = statesWorld(definition, handler);
  const { executionArn, ...first } = await world.run({ from: 'the start' });
  await world.clock.run(world.clock.sleep(MINUTE));
  const redriveDate = new Date(world.clock.now());
  expect(await world.call('RedriveExecution', { executionArn })).toEqual({ redriveDate });
  const execution = await world.clock.run(world.ended(executionArn));
  const history = await world.history(executionArn);
  expect(history.slice(0, first.history.length)).toEqual(first.history);
  return { world, first, execution, history, after: outline(history.slice(first.history.length)), redriveDate };
}

describe('it goes on', () => {
  test('with the Task that failed, and does not enter it again', async () => {
    const definition = machineOf(
      { Type: 'Pass', Result: 'kept', ResultPath: '$.before', Next: 'T' },
      { T: task({ Parameters: { 'context.$': '$$', 'before.$': '$.before' }, End: true }) },
    );
    const events: { context: object; before: string }[] = [];
    const { first, execution, after, history, redriveDate } = await redriven(definition, (event, attempt) => {
      events.push(event);
      return attempt === 0 ? failure : 'done';
    });
    expect(outline(first.history).at(-1)).toBe('8<7 ExecutionFailed');
    expect(after).toEqual([
      '9<8 ExecutionRedriven',
      '10<4 LambdaFunctionScheduled',
      '11<10 LambdaFunctionStarted',
      '12<11 LambdaFunctionSucceeded',
      '13<12 TaskStateExited',
      '14<13 ExecutionSucceeded',
    ]);
    expect(history[8]).toMatchObject({ executionRedrivenEventDetails: { redriveCount: 1 } });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', startDate: first.startDate, redriveCount: 1, redriveDate });
    expect(execution.error).toBeUndefined();
    const [original, again] = events.map(({ context }) => context as { Execution: object; State: object });
    expect(again).toMatchObject({ State: original!.State });
    expect(again!.Execution).toEqual({
      ...original!.Execution,
      RedriveCount: 1,
      RedriveTime: redriveDate.toISOString(),
    });
    expect(events[1]!.before).toBe('kept');
  });

  test('with all retries', async () => {
    const Retry = [{ ErrorEquals: ['Broken'], MaxAttempts: 1 }];
    const counts: number[] = [];
    const definition = machineOf(task({ Parameters: { 'n.$': '$$.State.RetryCount' }, Retry, End: true }));
    const { execution } = await redriven(definition, ({ n }: { n: number }) => {
      counts.push(n);
      return failure;
    });
    expect([counts, execution.status, execution.redriveStatus]).toEqual([[0, 1, 0, 1], 'FAILED', 'REDRIVABLE']);
  });

  test('in a Fail, which fails again', async () => {
    const { after, execution } = await redriven(machineOf({ Type: 'Fail', Error: 'Mine', Cause: 'why' }));
    expect(after).toEqual(['4<3 ExecutionRedriven', '5<4 ExecutionFailed']);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Mine', cause: 'why' });
  });

  test('in a Fail behind a Catch, not in the Task that failed', async () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'F' }];
    const definition = machineOf(task({ Catch, End: true }), { F: { Type: 'Fail', ErrorPath: '$.Error' } });
    const { world, execution } = await redriven(definition, () => failure);
    expect([world.invokers.length, execution.error]).toEqual([1, 'Broken']);
  });

  test('after the machine’s timeout, which begins anew', async () => {
    const definition = { ...machineOf(task({ End: true })), TimeoutSeconds: 60 };
    const world = statesWorld(definition, async (_, attempt) => {
      await world.clock.sleep(attempt === 0 ? 90_000 : 50_000);
      return {};
    });
    const { executionArn, status } = await world.run();
    await world.clock.run(world.clock.sleep(MINUTE));
    await world.call('RedriveExecution', { executionArn });
    const execution = await world.clock.run(world.ended(executionArn));
    expect([status, execution.status]).toEqual(['TIMED_OUT', 'SUCCEEDED']);
    expect(execution.stopDate - execution.redriveDate).toBe(50_000);
  });

  test('after a stop, whatever is still under way from before it', async () => {
    const world = statesWorld(machineOf(task({ End: true })), async (_, attempt) => {
      await world.clock.sleep(attempt === 0 ? 10_000 : 20_000);
      return attempt;
    });
    const executionArn = await world.start();
    await world.clock.run(world.clock.sleep(5_000));
    await world.call('StopExecution', { executionArn });
    await world.call('RedriveExecution', { executionArn });
    const { status, output } = await world.clock.run(world.ended(executionArn));
    expect([status, output]).toEqual(['SUCCEEDED', '1']);
    expect(outline(await world.history(executionArn)).slice(4)).toEqual([
      '5<0 ExecutionAborted',
      '6<5 ExecutionRedriven',
      '7<2 LambdaFunctionScheduled',
      '8<7 LambdaFunctionStarted',
      '9<8 LambdaFunctionSucceeded',
      '10<9 TaskStateExited',
      '11<10 ExecutionSucceeded',
    ]);
  });
});

test('EventBridge hears of it', async () => {
  const { world, redriveDate } = await redriven(machineOf({ Type: 'Fail', Error: 'Mine' }));
  const seen = world.published.map(({ detail }) => [detail.status, detail.redriveCount, detail.redriveDate]);
  const at = redriveDate.getTime();
  expect(seen).toEqual([
    ['RUNNING', 0, null],
    ['FAILED', 0, null],
    ['RUNNING', 1, at],
    ['FAILED', 1, at],
  ]);
  expect(world.published[2]!.detail).toMatchObject({ stopDate: null, error: null, cause: null });
});

describe('RedriveExecution', () => {
  const failing = machineOf({ Type: 'Fail', Error: 'Mine' });
  const refusal = (arn: string, reason: string) => ({
    code: 'ExecutionNotRedrivable',
    message: `Execution ${arn} invalid for redrive as: ${reason}`,
  });

  test('is refused of what runs or has succeeded', async () => {
    const world = statesWorld(machineOf({ Type: 'Wait', Seconds: 5, End: true }));
    const executionArn = await world.start();
    const call = () => world.call('RedriveExecution', { executionArn });
    await expect(call()).rejects.toMatchObject(refusal(executionArn, 'Execution is RUNNING and cannot be redriven'));
    await world.clock.run(world.ended(executionArn));
    await expect(call()).rejects.toMatchObject(refusal(executionArn, 'Execution is SUCCEEDED and cannot be redriven'));
  });

  test('is refused 14 days after the last end', async () => {
    const world = statesWorld(failing);
    const { executionArn } = await world.run();
    await world.clock.run(world.clock.sleep(13 * DAY));
    await world.call('RedriveExecution', { executionArn });
    await world.clock.run(world.clock.sleep(14 * DAY));
    await world.call('RedriveExecution', { executionArn });
    await world.clock.run(world.clock.sleep(14 * DAY + MINUTE));
    const reason = 'Execution redrivable period exceeded';
    await expect(world.call('RedriveExecution', { executionArn })).rejects.toMatchObject(refusal(executionArn, reason));
    expect(await world.call('DescribeExecution', { executionArn })).toMatchObject({
      redriveCount: 2,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: reason,
    });
  });

  test('a client token begins one redrive', async () => {
    const world = statesWorld(failing);
    const { executionArn } = await world.run();
    const call = (clientToken: string) => world.call('RedriveExecution', { executionArn, clientToken });
    const first = await call('one');
    await world.clock.run(world.clock.sleep(MINUTE));
    expect(await call('one')).toEqual(first);
    expect(await call('two')).not.toEqual(first);
    expect(await call('one')).toEqual(first);
    await world.clock.run(world.clock.sleep(15 * MINUTE));
    expect(await call('one')).not.toEqual(first);
    const { executions } = await world.call('ListExecutions', { stateMachineArn: MACHINE });
    expect(executions).toMatchObject([{ redriveCount: 3, redriveDate: new Date(world.clock.now()) }]);
  });

  test.each(['', 'x'.repeat(65), 'a b'])('the client token %j is refused', async (clientToken) => {
    const world = statesWorld(failing);
    const { executionArn } = await world.run();
    const answer = world.call('RedriveExecution', { executionArn, clientToken });
    await expect(answer).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

test('expire is the machine’s timeout, in the state that a test chooses', async () => {
  const world = statesWorld({ ...machineOf({ Type: 'Wait', Seconds: 600, End: true }), TimeoutSeconds: 900 });
  const executionArn = await world.start();
  world.states.expire(executionArn);
  expect(await world.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'TIMED_OUT' });
  expect((await world.history(executionArn)).at(-1)).toMatchObject({
    type: 'ExecutionTimedOut',
    executionTimedOutEventDetails: { error: 'States.Timeout' },
  });
});
