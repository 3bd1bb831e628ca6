import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../local/world';
import { FUNCTION, MACHINE, machineOf, outline, statesWorld, task } from './harness';

const named = (name: string, message = 'no') => Object.assign(new Error(message), { name });
const at = (detail: string, id = 2) =>
  `An error occurred while executing the state 'S' (entered at the event id #${id}). ${detail}`;

describe('states that succeed', () => {
  const table: [string, object, unknown, unknown][] = [
    ['Pass hands its input on', { Type: 'Pass', End: true }, { a: 1 }, { a: 1 }],
    [
      'Pass has a result',
      { Type: 'Pass', Result: [1], ResultPath: '$.b.c', End: true },
      { a: 1 },
      { a: 1, b: { c: [1] } },
    ],
    ['ResultPath null drops', { Type: 'Pass', Result: 5, ResultPath: null, End: true }, { a: 1 }, { a: 1 }],
    [
      'Parameters are filled',
      {
        Type: 'Pass',
        Parameters: { 'x.$': "$['a b'].c", 'n.$': '$$.Execution.RedriveCount', y: [{ 'z.$': '$' }] },
        End: true,
      },
      { 'a b': { c: null } },
      { x: null, n: 0, y: [{ z: { 'a b': { c: null } } }] },
    ],
    ['Succeed ends', { Type: 'Succeed' }, 'text', 'text'],
  ];
  test.each(table)('%s', async (_name, state, input, output) => {
    const execution = await statesWorld(machineOf(state)).run(input);
    expect(execution.status).toBe('SUCCEEDED');
    expect(JSON.parse(execution.output)).toEqual(output);
  });

  test('the context object is what AWS recorded', async () => {
    const world = statesWorld(machineOf({ Type: 'Pass', Parameters: { 'context.$': '$$' }, End: true }));
    const execution = await world.run({ in: 1 });
    expect(JSON.parse(execution.output).context).toEqual({
      Execution: {
        Id: execution.executionArn,
        Input: { in: 1 },
        StartTime: '2026-01-05T09:00:00.000Z',
        Name: execution.name,
        RoleArn: 'arn:aws:iam::111122223333:role/machine-role',
        RedriveCount: 0,
      },
      StateMachine: { Id: MACHINE, Name: 'machine' },
      State: { Name: 'S', EnteredTime: '2026-01-05T09:00:00.000Z' },
    });
  });
});

describe('Choice', () => {
  const choose = async (rule: object, input: unknown) => {
    const definition = machineOf(
      { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      { Yes: { Type: 'Pass', Result: 'yes', End: true }, No: { Type: 'Pass', Result: 'no', End: true } },
    );
    return statesWorld(definition).run(input);
  };
  const variable = (comparison: object) => ({ Variable: '$.v', ...comparison });
  test.each([
    [variable({ StringEquals: 'a' }), 'a', 'b'],
    [variable({ BooleanEquals: true }), true, 'true'],
    [variable({ NumericEquals: 3 }), 3, '3'],
    [variable({ NumericGreaterThan: 3 }), 4, 3],
    [variable({ NumericGreaterThanEquals: 3 }), 3, 2],
    [variable({ NumericLessThan: 3 }), 2, 3],
    [variable({ NumericLessThanEquals: 3 }), 3, 4],
    [variable({ IsPresent: true }), null, undefined],
    [variable({ IsPresent: false }), undefined, 0],
    [{ Not: variable({ StringEquals: 'a' }) }, 'b', 'a'],
    [{ And: [variable({ IsPresent: true }), variable({ NumericGreaterThan: 1 })] }, 2, undefined],
    [{ Or: [variable({ IsPresent: false }), variable({ NumericGreaterThan: 1 })] }, undefined, 1],
  ])('%j', async (rule, matching, other) => {
    expect((await choose(rule, { v: matching })).output).toBe('"yes"');
    expect((await choose(rule, { v: other })).output).toBe('"no"');
  });

  test('a variable that is missing cannot be caught', async () => {
    const execution = await choose(variable({ StringEquals: 'a' }), {});
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.cause).toMatch(at("Invalid path '$.v'"));
  });

  test('nothing matches and there is no Default', async () => {
    const choice = { Type: 'Choice', Choices: [{ Variable: '$', IsPresent: false, Next: 'E' }] };
    const execution = await statesWorld(machineOf(choice, { E: { Type: 'Succeed' } })).run();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });
});

describe('Wait', () => {
  test('takes its seconds', async () => {
    const execution = await statesWorld(machineOf({ Type: 'Wait', SecondsPath: '$.s', End: true })).run({ s: 3600 });
    expect(execution.seconds).toBe(3600);
    expect(outline(execution.history)).toEqual([
      '1<0 ExecutionStarted',
      '2<0 WaitStateEntered',
      '3<2 WaitStateExited',
      '4<3 ExecutionSucceeded',
    ]);
  });
  test.each([
    [{}, 'The SecondsPath parameter does not reference an input value: $.s'],
    [{ s: -1 }, 'The SecondsPath parameter references a negative value: $.s == -1'],
    [{ s: 1.5 }, 'The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5'],
    [{ s: 'x' }, 'The SecondsPath parameter cannot be parsed as a long value: $.s == x'],
    [{ s: 2 ** 31 }, 'Wait state delay is too long.'],
  ])('%j is an error', async (input, cause) => {
    const execution = await statesWorld(machineOf({ Type: 'Wait', SecondsPath: '$.s', End: true })).run(input);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime', cause: at(cause) });
    expect(execution.history.at(-1)).toMatchObject({ id: 3, previousEventId: 2, type: 'ExecutionFailed' });
  });
});

describe('Fail', () => {
  test('with paths', async () => {
    const fail = { Type: 'Fail', ErrorPath: '$.e', CausePath: '$.c' };
    const execution = await statesWorld(machineOf(fail)).run({ e: 'Name', c: 'why' });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Name', cause: 'why', redriveStatus: 'REDRIVABLE' });
    expect(outline(execution.history)).toEqual(['1<0 ExecutionStarted', '2<0 FailStateEntered', '3<2 ExecutionFailed']);
  });
  test('with a path that leads nowhere', async () => {
    const execution = await statesWorld(machineOf({ Type: 'Fail', ErrorPath: '$.e' })).run({ x: 1 });
    const cause = `The JSONPath '$.e' specified for the field 'ErrorPath' could not be found in the input '{"x":1}'`;
    expect(execution).toMatchObject({ error: 'States.Runtime', cause: at(cause) });
  });
});

describe('Task', () => {
  test('records what AWS records', async () => {
    const world = statesWorld(machineOf(task({ TimeoutSeconds: 5, ResultPath: '$.r', End: true })), (event) => event);
    const { history, output } = await world.run({ a: 1 });
    expect(JSON.parse(output)).toEqual({ a: 1, r: { a: 1 } });
    const timestamp = new Date('2026-01-05T09:00:00.000Z');
    const [input, inputDetails, outputDetails] = ['{"a":1}', { truncated: false }, { truncated: false }];
    const role = 'arn:aws:iam::111122223333:role/machine-role';
    expect(history).toEqual([
      {
        id: 1,
        previousEventId: 0,
        timestamp,
        type: 'ExecutionStarted',
        executionStartedEventDetails: { input, inputDetails, roleArn: role },
      },
      {
        id: 2,
        previousEventId: 0,
        timestamp,
        type: 'TaskStateEntered',
        stateEnteredEventDetails: { name: 'S', input, inputDetails },
      },
      {
        id: 3,
        previousEventId: 2,
        timestamp,
        type: 'LambdaFunctionScheduled',
        lambdaFunctionScheduledEventDetails: { resource: FUNCTION, input, inputDetails, timeoutInSeconds: 5 },
      },
      { id: 4, previousEventId: 3, timestamp, type: 'LambdaFunctionStarted' },
      {
        id: 5,
        previousEventId: 4,
        timestamp,
        type: 'LambdaFunctionSucceeded',
        lambdaFunctionSucceededEventDetails: { output: input, outputDetails },
      },
      {
        id: 6,
        previousEventId: 5,
        timestamp,
        type: 'TaskStateExited',
        stateExitedEventDetails: { name: 'S', output, outputDetails },
      },
      {
        id: 7,
        previousEventId: 6,
        timestamp,
        type: 'ExecutionSucceeded',
        executionSucceededEventDetails: { output, outputDetails },
      },
    ]);
    expect(world.invokers[0]!.arn).toMatch(/assumed-role\/machine-role\/[0-9a-f]{32}$/);
  });

  test('a function error carries its JSON as Cause, and can be caught', async () => {
    const caught = task({ Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'E' }], End: true });
    const world = statesWorld(machineOf(caught, { E: { Type: 'Succeed' } }), () => named('ScriptFailed', 'exit 7'));
    const execution = await world.run({ a: 1 });
    const error = { Error: 'ScriptFailed', Cause: '{"errorType":"ScriptFailed","errorMessage":"exit 7"}' };
    expect(JSON.parse(execution.output)).toEqual({ a: 1, error });
    expect(outline(execution.history).slice(3)).toEqual([
      '4<3 LambdaFunctionStarted',
      '5<4 LambdaFunctionFailed',
      '6<5 TaskStateExited',
      '7<6 SucceedStateEntered',
      '8<7 SucceedStateExited',
      '9<8 ExecutionSucceeded',
    ]);
  });

  test.each([
    [
      new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429),
      'Lambda.TooManyRequestsException',
      /^Rate Exceeded\. \(Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: [0-9a-f-]{36}; Proxy: null\)$/,
    ],
    [
      new AwsError('AccessDeniedException', 'User: x is not authorized', 403),
      'Lambda.AWSLambdaException',
      /^User: x .*Error Code: AccessDeniedException/,
    ],
    [
      new AwsError('ResourceNotFoundException', 'Function not found: f', 404),
      'Lambda.ResourceNotFoundException',
      /^Function not found: f /,
    ],
    [new AwsError('ServiceException', 'oops', 500), 'Lambda.ServiceException', /Status Code: 500/],
  ])('%s becomes %s', async (thrown, error, cause) => {
    const execution = await statesWorld(machineOf(task({ End: true })), () => thrown).run();
    expect(execution).toMatchObject({ status: 'FAILED', error });
    expect(execution.cause).toMatch(cause);
  });

  test('TimeoutSeconds ends the state, not the function', async () => {
    let finished = false;
    const state = task({ TimeoutSeconds: 5, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'E' }], End: true });
    const world = statesWorld(machineOf(state, { E: { Type: 'Wait', Seconds: 60, End: true } }), async () => {
      await world.clock.sleep(20_000);
      finished = true;
    });
    const execution = await world.run();
    expect(JSON.parse(execution.output)).toEqual({ Error: 'States.Timeout', Cause: '' });
    expect(execution.history[4]).toMatchObject({
      type: 'LambdaFunctionTimedOut',
      lambdaFunctionTimedOutEventDetails: { error: 'States.Timeout' },
    });
    expect(execution.seconds).toBe(65);
    expect(finished).toBe(true);
  });

  test('a result above 256 KiB is no match for States.ALL', async () => {
    const large = () => 'x'.repeat(262_144);
    const world = (name: string) =>
      statesWorld(
        machineOf(task({ Catch: [{ ErrorEquals: [name], Next: 'E' }], End: true }), { E: { Type: 'Succeed' } }),
        large,
      );
    expect(await world('States.ALL').run()).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(await world('States.DataLimitExceeded').run()).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('a missing path is caught by nothing', async () => {
    const state = task({
      Parameters: { 'value.$': '$.a' },
      Retry: [{ ErrorEquals: ['States.ALL'] }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'E' }],
      End: true,
    });
    const world = statesWorld(machineOf(state, { E: { Type: 'Succeed' } }));
    const cause = at(`The JSONPath '$.a' specified for the field 'value.$' could not be found in the input '{"b":1}'`);
    expect(await world.run({ b: 1 })).toMatchObject({ status: 'FAILED', error: 'States.Runtime', cause });
    expect(world.invokers).toEqual([]);
  });

  test('a role that Step Functions may not assume', async () => {
    const world = statesWorld(machineOf(task({ End: true })));
    world.states.putStateMachine({
      name: 'machine',
      arn: MACHINE,
      roleName: 'other',
      definition: machineOf(task({ End: true })),
    });
    const execution = await world.run();
    expect(outline(execution.history).slice(2)).toEqual([
      '3<2 LambdaFunctionScheduled',
      '4<3 LambdaFunctionScheduleFailed',
      '5<4 ExecutionFailed',
    ]);
  });
});

describe('Retry', () => {
  const failing = (retry: object[], name = 'Flaky', extra: object = {}) =>
    statesWorld(machineOf(task({ Retry: retry, End: true, ...extra })), () => named(name));

  test('three attempts more, doubling from a second, by default', async () => {
    const execution = await failing([{ ErrorEquals: ['States.ALL'] }]).run();
    expect(execution.seconds).toBeCloseTo(1 + 2 + 4, 0);
    expect(outline(execution.history).filter((line) => line.includes('Scheduled'))).toHaveLength(4);
    expect(outline(execution.history)[5]).toBe('6<5 LambdaFunctionScheduled');
  });
  test('all fields', async () => {
    const retrier = {
      ErrorEquals: ['Flaky'],
      IntervalSeconds: 10,
      BackoffRate: 3,
      MaxAttempts: 4,
      MaxDelaySeconds: 40,
    };
    expect((await failing([retrier]).run()).seconds).toBeCloseTo(10 + 30 + 40 + 40, 0);
  });
  test('full jitter lies between nothing and the delay', async () => {
    const retrier = {
      ErrorEquals: ['Flaky'],
      IntervalSeconds: 1000,
      BackoffRate: 1,
      MaxAttempts: 4,
      JitterStrategy: 'FULL',
    };
    const { seconds } = await failing([retrier]).run();
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(4000);
    expect((await failing([retrier]).run()).seconds).toBe(seconds);
  });
  test('each retrier counts by itself, and one that is spent is not followed by the next', async () => {
    const retriers = [
      { ErrorEquals: ['A'], MaxAttempts: 2, IntervalSeconds: 1, BackoffRate: 1 },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 9, IntervalSeconds: 1, BackoffRate: 1 },
    ];
    const errors = ['A', 'B', 'B', 'A', 'A'];
    const world = statesWorld(machineOf(task({ Retry: retriers, End: true })), (_event, n) => named(errors[n]!));
    await world.run();
    expect(world.invokers).toHaveLength(5);
  });
  test.each([
    ['States.Runtime', 'States.ALL', 1],
    ['States.Timeout', 'States.TaskFailed', 1],
    ['States.DataLimitExceeded', 'States.TaskFailed', 2],
    ['Anything', 'States.TaskFailed', 2],
  ])('%s against %s: %d attempts', async (error, pattern, attempts) => {
    const world = failing([{ ErrorEquals: [pattern], MaxAttempts: 1 }], error);
    await world.run();
    expect(world.invokers).toHaveLength(attempts);
  });
  test('RetryCount is there for each attempt', async () => {
    const seen: unknown[] = [];
    const state = task({
      Parameters: { 'state.$': '$$.State' },
      Retry: [{ ErrorEquals: ['Flaky'], MaxAttempts: 2 }],
      End: true,
    });
    await statesWorld(machineOf(state), (event: { state: { RetryCount: number } }) => {
      seen.push(event.state.RetryCount);
      return named('Flaky');
    }).run();
    expect(seen).toEqual([0, 1, 2]);
  });
});

test('a machine that never ends is ended by its history', async () => {
  const loop = machineOf({ Type: 'Pass', Next: 'S' });
  const execution = await statesWorld(loop).run();
  expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  expect(execution.history).toHaveLength(1000);
});
