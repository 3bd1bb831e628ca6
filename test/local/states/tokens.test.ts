import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../local/world';
import { FUNCTION, machineOf, outline, statesWorld, task, waiting } from './harness';

type Told = { token: string; input: unknown };
type World = ReturnType<typeof statesWorld>;

/** A world whose function remembers what it was told; `answers` of its attempts, in order. */
function holding(state: object, ...answers: unknown[]) {
  const told: Told[] = [];
  const world = statesWorld(machineOf(waiting(state)), (event: Told, attempt) => {
    told.push(event);
    return answers[attempt] ?? { seen: true };
  });
  const succeed = (taskToken: string, result: unknown = { by: 'me' }) =>
    world.call('SendTaskSuccess', { taskToken, output: JSON.stringify(result) });
  return { ...world, told, succeed };
}

/** Starts, and lets `seconds` pass. */
async function begin(world: World, seconds: number, input: unknown = {}): Promise<string> {
  const arn = await world.start(input);
  await world.clock.run(world.clock.sleep(seconds * 1000));
  return arn;
}

const detailsOf = (events: HistoryEvent[], type: string) =>
  events
    .filter((event) => event.type === type)
    .map((event) => Object.entries(event).find(([key]) => key.endsWith('EventDetails'))?.[1]);

const OVER = { code: 'TaskTimedOut', message: "Task Timed Out: 'Provided task does not exist anymore'" };
const KIND = { resourceType: 'lambda', resource: 'invoke.waitForTaskToken' };

describe('a Task that waits for its token', () => {
  test('invokes the function with the token, and succeeds with what is sent', async () => {
    const world = holding({ ResultPath: '$.hold', TimeoutSeconds: 600 });
    const arn = await begin(world, 60, { a: 1 });
    expect(world.told).toEqual([{ token: expect.any(String), input: { a: 1 } }]);
    await world.succeed(world.told[0]!.token);
    const execution = await world.clock.run(world.ended(arn));
    expect(JSON.parse(execution.output)).toEqual({ a: 1, hold: { by: 'me' } });
    expect(+execution.stopDate - +execution.startDate).toBeLessThan(61_000);
    const history = await world.history(arn);
    expect(outline(history)).toEqual([
      '1<0 ExecutionStarted',
      '2<0 TaskStateEntered',
      '3<2 TaskScheduled',
      '4<3 TaskStarted',
      '5<4 TaskSubmitted',
      '6<5 TaskSucceeded',
      '7<6 TaskStateExited',
      '8<7 ExecutionSucceeded',
    ]);
    const [{ parameters, ...scheduled }] = detailsOf(history, 'TaskScheduled');
    expect(scheduled).toEqual({ ...KIND, region: 'eu-west-1', timeoutInSeconds: 600 });
    const { token } = world.told[0]!;
    expect(JSON.parse(parameters)).toEqual({ FunctionName: FUNCTION, Payload: { token, input: { a: 1 } } });
    expect(detailsOf(history, 'TaskStarted')).toEqual([KIND]);
    const [submitted] = detailsOf(history, 'TaskSubmitted');
    expect(JSON.parse(submitted.output)).toEqual({ ExecutedVersion: '7', Payload: { seen: true }, StatusCode: 200 });
    expect(detailsOf(history, 'TaskSucceeded')).toEqual([
      { ...KIND, output: '{"by":"me"}', outputDetails: { truncated: false } },
    ]);
  });

  test('a Task that waits for none has none in its context', async () => {
    const world = statesWorld(machineOf(task({ Parameters: { 'token.$': '$$.Task.Token' }, End: true })));
    expect(await world.run()).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  test.each([
    [{ s: 90 }, 90],
    [{ s: 43_200 }, 43_200],
  ])('times out after what %j says, without looking meanwhile', async (input, seconds) => {
    const caught = { ErrorEquals: ['States.Timeout'], ResultPath: '$.hold', Next: 'Done' };
    const { Resource, Parameters, Type } = waiting({});
    const state = { Type, Resource, Parameters, TimeoutSecondsPath: '$.s', Catch: [caught], Next: 'Done' };
    let invocations = 0;
    const definition = machineOf(state, { Done: { Type: 'Succeed' } });
    const execution = await statesWorld(definition, () => ({ n: invocations++ })).run(input);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', seconds });
    expect(JSON.parse(execution.output)).toEqual({ ...input, hold: { Error: 'States.Timeout', Cause: '' } });
    expect(invocations).toBe(1);
    expect(detailsOf(execution.history, 'TaskTimedOut')).toEqual([{ ...KIND, error: 'States.Timeout' }]);
    expect(execution.history).toHaveLength(10);
  });

  test.each([{}, { s: 0 }, { s: -1 }, { s: 1.5 }, { s: '60' }])('%j is no timeout', async (input) => {
    const execution = await holding({ TimeoutSecondsPath: '$.s' }).run(input);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.cause).toContain('TimeoutSecondsPath');
  });

  test('its time runs from the invocation on, which is part of it', async () => {
    const world = holding({ TimeoutSeconds: 100 });
    const { invoke } = world.world.lambda;
    world.world.lambda.invoke = async (...args) => {
      await world.clock.sleep(40_000);
      return invoke(...args);
    };
    expect(await world.run()).toMatchObject({ status: 'FAILED', error: 'States.Timeout', seconds: 100 });
  });

  test("fails by the function's own error", async () => {
    const world = holding({}, Object.assign(new Error('no'), { name: 'ElevationClosed' }));
    const execution = await world.run();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'ElevationClosed' });
    expect(outline(execution.history).slice(2, 5)).toEqual(['3<2 TaskScheduled', '4<3 TaskStarted', '5<4 TaskFailed']);
    await expect(world.succeed(world.told[0]!.token)).rejects.toMatchObject(OVER);
  });

  test('each attempt has a token of its own, and the one before is dead', async () => {
    const Retry = [{ ErrorEquals: ['Lambda.TooManyRequestsException'], IntervalSeconds: 2 }];
    const world = holding({ Retry }, new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429));
    const arn = await begin(world, 10);
    const [first, second] = world.told.map(({ token }) => token);
    expect(second).not.toBe(first);
    await expect(world.succeed(first!)).rejects.toMatchObject(OVER);
    await world.succeed(second!);
    expect((await world.clock.run(world.ended(arn))).status).toBe('SUCCEEDED');
    const scheduled = detailsOf(await world.history(arn), 'TaskScheduled');
    expect(scheduled.map(({ parameters }) => JSON.parse(parameters).Payload.token)).toEqual([first, second]);
  });

  test('a result that comes while the function still runs is kept', async () => {
    const world = holding({});
    const { invoke } = world.world.lambda;
    world.world.lambda.invoke = async (arn, event, invoker) => {
      const result = await invoke(arn, event, invoker);
      await world.succeed(world.told[0]!.token);
      return result;
    };
    expect(await world.run()).toMatchObject({ status: 'SUCCEEDED', output: '{"by":"me"}' });
  });

  test('a machine that may not assume its role has invoked nothing', async () => {
    const world = holding({});
    world.world.iam.trusts = () => false;
    const execution = await world.run();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Lambda.AWSLambdaException' });
    expect(execution.history.at(-2)).toMatchObject({ type: 'TaskStartFailed' });
    expect(world.told).toEqual([]);
  });
});

describe('SendTaskSuccess', () => {
  test('a token is good for one result', async () => {
    const world = holding({});
    await begin(world, 60);
    const { token } = world.told[0]!;
    await world.succeed(token);
    await expect(world.succeed(token)).rejects.toMatchObject(OVER);
    expect(world.decided).toContainEqual(['states:SendTaskSuccess', undefined]);
  });

  test.each<[string, (world: ReturnType<typeof holding>, arn: string) => Promise<unknown>]>([
    ['it was stopped', ({ call }, executionArn) => call('StopExecution', { executionArn })],
    ["its machine's time was over", async ({ states }, arn) => states.expire(arn)],
    ['its own time was over', ({ clock }) => clock.run(clock.sleep(600_000))],
  ])('none for a task that is over: %s', async (_how, end) => {
    const world = holding({ TimeoutSeconds: 600 });
    const arn = await begin(world, 60);
    await end(world, arn);
    await expect(world.succeed(world.told[0]!.token)).rejects.toMatchObject(OVER);
    expect((await world.call('DescribeExecution', { executionArn: arn })).status).not.toBe('SUCCEEDED');
  });

  test('a redriven task has another token', async () => {
    const world = holding({});
    const executionArn = await begin(world, 60);
    await world.call('StopExecution', { executionArn });
    await world.call('RedriveExecution', { executionArn });
    await world.clock.run(world.clock.sleep(1_000));
    const [before, after] = world.told.map(({ token }) => token);
    await expect(world.succeed(before!)).rejects.toMatchObject(OVER);
    await world.succeed(after!);
    expect((await world.clock.run(world.ended(executionArn))).status).toBe('SUCCEEDED');
  });

  test.each<[string, object, object]>([
    [
      'garbage',
      { taskToken: 'AAAA', output: '{}' },
      { code: 'InvalidToken', message: "Invalid Token: 'Invalid token'" },
    ],
    ['nothing', {}, { code: 'ValidationException', message: expect.stringContaining('2 validation errors') }],
    ['an empty token', { taskToken: '', output: '{}' }, { code: 'ValidationException' }],
    ['a long token', { taskToken: 'x'.repeat(2_049), output: '{}' }, { code: 'ValidationException' }],
    ['a long result', { taskToken: 'AAAA', output: `"${'x'.repeat(262_143)}"` }, { code: 'ValidationException' }],
  ])('refuses %s', async (_what, input, error) => {
    await expect(holding({}).call('SendTaskSuccess', input)).rejects.toMatchObject(error);
  });

  test('refuses what is not JSON, and the task waits on', async () => {
    const world = holding({});
    await begin(world, 60);
    const { token: taskToken } = world.told[0]!;
    const bad = world.call('SendTaskSuccess', { taskToken, output: 'released' });
    await expect(bad).rejects.toMatchObject({
      code: 'InvalidOutput',
      message: expect.stringMatching(/^Invalid Output: /),
    });
    await world.succeed(taskToken);
  });
});
