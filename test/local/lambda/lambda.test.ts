import { describe, expect, test } from '@jest/globals';
import { virtualClock } from '../../../local/clock/virtual';
import type { LambdaOptions } from '../../../local/lambda';
import { AwsError, type Launcher } from '../../../local/world';
import { ARN, CALLER, functionOf, lambdaWorld } from './harness';

const RULE = 'arn:aws:events:eu-west-1:111122223333:rule/r';
const EVENTS = { service: 'events.amazonaws.com', sourceArn: RULE };

/** Functions in this process, on virtual time; `closed` and `launched` count instances. */
function inProcess(
  handler: (event: never, environment: Record<string, string>) => unknown,
  options: LambdaOptions = {},
) {
  const clock = virtualClock();
  const count = { launched: 0, closed: 0 };
  const launcher: Launcher = {
    launch: (_fn, environment) => {
      count.launched += 1;
      return {
        invoke: async (event) => ({ payload: await handler(event as never, environment()) }),
        close: () => {
          count.closed += 1;
        },
      };
    },
  };
  return { clock, count, ...lambdaWorld(clock, () => launcher, options) };
}

describe('who may invoke', () => {
  test('a principal whose identity policy allows it, on the ARN as called', async () => {
    const { lambda, asked, deny } = inProcess(() => 1);
    lambda.putFunction(functionOf());
    await lambda.invoke(ARN, {}, CALLER);
    await lambda.invoke(`${ARN}:7`, {}, CALLER);
    expect(asked).toEqual([`lambda:InvokeFunction ${ARN}`, `lambda:InvokeFunction ${ARN}:7`]);
    deny('because no identity-based policy allows the lambda:InvokeFunction action');
    await expect(lambda.invoke(ARN, {}, CALLER)).rejects.toMatchObject({
      code: 'AccessDeniedException',
      status: 403,
      message: `User: ${CALLER.arn} is not authorized to perform: lambda:InvokeFunction on resource: ${ARN} because no identity-based policy allows the lambda:InvokeFunction action`,
    });
  });
  test('a service that the function permits, for its source', async () => {
    const { lambda } = inProcess(() => 1);
    lambda.putFunction(functionOf());
    await expect(lambda.invoke(ARN, {}, EVENTS)).rejects.toMatchObject({ code: 'AccessDeniedException' });
    lambda.putFunction(functionOf({ permissions: [{ principal: 'events.amazonaws.com', sourceArn: RULE }] }));
    expect(await lambda.invoke(ARN, {}, EVENTS)).toEqual({ payload: 1 });
    const other = { ...EVENTS, sourceArn: `${RULE}2` };
    await expect(lambda.invoke(ARN, {}, other)).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });
  test('nobody, when Lambda cannot assume the role', async () => {
    const { lambda, count } = inProcess(() => 1);
    lambda.putFunction(functionOf({ roleName: 'untrusting-role' }));
    const message = 'The role defined for the function cannot be assumed by Lambda.';
    await expect(lambda.invoke(ARN, {}, CALLER)).rejects.toMatchObject({ code: 'AccessDeniedException', message });
    expect(count.launched).toBe(0);
  });
  test('nobody, when there is no such function or version', async () => {
    const { lambda } = inProcess(() => 1);
    lambda.putFunction(functionOf());
    const missing = { code: 'ResourceNotFoundException', status: 404 };
    await expect(lambda.invoke(`${ARN}2`, {}, CALLER)).rejects.toMatchObject({
      ...missing,
      message: `Function not found: ${ARN}2:$LATEST`,
    });
    await expect(lambda.invoke(`${ARN}:8`, {}, CALLER)).rejects.toMatchObject({
      ...missing,
      message: `Function not found: ${ARN}:8`,
    });
  });
});

test('published versions stay as they were', async () => {
  const { lambda } = inProcess((_event, environment) => environment.AWS_LAMBDA_FUNCTION_VERSION);
  lambda.putFunction(functionOf());
  lambda.putFunction(functionOf({ version: '8' }));
  const versions = [ARN, `${ARN}:7`, `${ARN}:8`].map((arn) => lambda.invoke(arn, {}, CALLER));
  expect(await Promise.all(versions)).toEqual([{ payload: '8' }, { payload: '7' }, { payload: '8' }]);
});

test('the environment is the function’s, AWS’s and nothing else', async () => {
  const { lambda } = inProcess((_event, environment) => environment);
  lambda.putFunction(functionOf());
  expect(await lambda.invoke(ARN, {}, CALLER)).toEqual({
    payload: {
      COLOUR: 'blue',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'ASIA1',
      AWS_SECRET_ACCESS_KEY: 'work-role/work',
      AWS_SESSION_TOKEN: 'token',
      AWS_LAMBDA_FUNCTION_NAME: 'work',
      AWS_LAMBDA_FUNCTION_VERSION: '7',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4711',
    },
  });
});

test('instances stay warm, one per concurrent invocation, until half of their session is over', async () => {
  const { lambda, clock, count } = inProcess((_event, environment) => environment.AWS_ACCESS_KEY_ID);
  lambda.putFunction(functionOf());
  await Promise.all([lambda.invoke(ARN, {}, CALLER), lambda.invoke(ARN, {}, CALLER)]);
  await lambda.invoke(ARN, {}, CALLER);
  expect(count).toEqual({ launched: 2, closed: 0 });
  await clock.run(clock.sleep(6 * 3_600_000));
  expect(await lambda.invoke(ARN, {}, CALLER)).toEqual({ payload: 'ASIA2' });
  expect(count).toEqual({ launched: 3, closed: 2 });
  await lambda.close?.();
  expect(count).toEqual({ launched: 3, closed: 3 });
});

test('a function that takes too long is killed', async () => {
  const { lambda, clock, count } = inProcess(() => clock.sleep(61_000));
  lambda.putFunction(functionOf());
  expect(await clock.run(lambda.invoke(ARN, {}, CALLER))).toEqual({
    functionError: {
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 60\.00 seconds$/),
    },
  });
  expect(count).toEqual({ launched: 1, closed: 1 });
});

test('events and results travel as JSON, within limits', async () => {
  const { lambda } = inProcess((event: { big?: boolean; date: unknown }) =>
    event.big ? 'x'.repeat(6_291_556) : [event.date, undefined],
  );
  lambda.putFunction(functionOf());
  expect(await lambda.invoke(ARN, { date: new Date(0) }, CALLER)).toEqual({
    payload: ['1970-01-01T00:00:00.000Z', null],
  });
  expect(await lambda.invoke(ARN, { big: true }, CALLER)).toMatchObject({
    functionError: { errorType: 'Function.ResponseSizeTooLarge' },
  });
  await expect(lambda.invoke(ARN, 'x'.repeat(6_291_456), CALLER)).rejects.toMatchObject({
    code: 'RequestTooLargeException',
  });
});

describe('an interceptor', () => {
  test('lets a function run and kills it', async () => {
    let ran = 0;
    const { lambda, count } = inProcess(() => (ran += 1), {
      intercept: async (_fn, _event, proceed) => {
        await proceed();
        throw new Error('Runtime exited with error: signal: killed');
      },
    });
    lambda.putFunction(functionOf());
    expect(await lambda.invoke(ARN, {}, CALLER)).toMatchObject({
      functionError: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('signal: killed') },
    });
    expect([ran, count.closed]).toEqual([1, 1]);
  });
  test('throttles', async () => {
    const { lambda } = inProcess(() => 1, {
      intercept: async () => {
        throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
      },
    });
    lambda.putFunction(functionOf());
    await expect(lambda.invoke(ARN, {}, CALLER)).rejects.toMatchObject({ code: 'TooManyRequestsException' });
  });
});

describe('reserved concurrency', () => {
  const throttled = { code: 'TooManyRequestsException', status: 429, message: 'Rate Exceeded.' };
  const busy = (reservedConcurrency?: number) => {
    const { lambda, clock } = inProcess(() => clock.sleep(10_000));
    lambda.putFunction(functionOf({ version: '6' }));
    lambda.putFunction(functionOf({ reservedConcurrency }));
    return { lambda, clock };
  };
  test('is what may run at once, all versions together', async () => {
    const { lambda, clock } = busy(2);
    const two = [lambda.invoke(ARN, {}, CALLER), lambda.invoke(`${ARN}:6`, {}, CALLER)];
    await expect(lambda.invoke(ARN, {}, CALLER)).rejects.toMatchObject(throttled);
    await expect(lambda.invoke(`${ARN}:6`, {}, CALLER)).rejects.toMatchObject(throttled);
    await clock.run(Promise.all(two));
    expect(await clock.run(lambda.invoke(ARN, {}, CALLER))).toEqual({ payload: null });
  });
  test('of another function does not count, and none is no limit', async () => {
    const { lambda, clock } = busy();
    lambda.putFunction(functionOf({ name: 'other', arn: `${ARN}-other`, reservedConcurrency: 1 }));
    const all = [ARN, ARN, ARN, `${ARN}-other`].map((arn) => lambda.invoke(arn, {}, CALLER));
    await expect(lambda.invoke(`${ARN}-other`, {}, CALLER)).rejects.toMatchObject(throttled);
    expect(await clock.run(Promise.all(all))).toHaveLength(4);
  });
});
