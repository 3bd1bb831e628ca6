import { describe, expect, test } from '@jest/globals';
import { virtualClock } from '../../../local/clock/virtual';
import { AwsError, type FunctionDefinition, type InvokeResult, type Launcher } from '../../../local/world';
import { ARN, CALLER, functionOf, lambdaWorld } from './harness';

const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:dead-letters';
const FAILED = { functionError: { errorType: 'Boom', errorMessage: 'it broke' } };
const THROTTLED = new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
const RULE = 'arn:aws:events:eu-west-1:111122223333:rule/r';

/** A function that is called by events, and answers the n-th time as the test says. */
function called(answer: (n: number) => InvokeResult | Error, fields: Partial<FunctionDefinition> = {}) {
  const clock = virtualClock();
  const start = clock.now();
  const times: number[] = [];
  const events: unknown[] = [];
  const launcher: Launcher = {
    launch: () => ({
      invoke: async (event) => {
        times.push((clock.now() - start) / 1000);
        events.push(event);
        const result = answer(times.length);
        if (result instanceof Error) throw result;
        return result;
      },
      close: () => undefined,
    }),
  };
  const world = lambdaWorld(clock, () => launcher);
  world.lambda.putFunction(functionOf({ deadLetters: QUEUE, ...fields }));
  const pass = (hours: number) => clock.run(clock.sleep(hours * 3_600_000));
  return { ...world, clock, times, events, pass };
}

describe('an asynchronous invocation', () => {
  test('is taken before the function has run, and runs once if it succeeds', async () => {
    const { lambda, times, events, sent, pass } = called(() => ({ payload: 1 }));
    expect(await lambda.invokeAsynchronously(ARN, { date: new Date(0) }, CALLER)).toBeUndefined();
    await pass(24);
    expect(times).toEqual([0]);
    expect(events).toEqual([{ date: '1970-01-01T00:00:00.000Z' }]);
    expect(sent).toEqual([]);
  });
  test('is refused like any other where it may not be made', async () => {
    const { lambda, deny, times } = called(() => ({ payload: 1 }));
    const rule = { service: 'events.amazonaws.com', sourceArn: RULE };
    await expect(lambda.invokeAsynchronously(ARN, {}, rule)).rejects.toMatchObject({ status: 403 });
    await expect(lambda.invokeAsynchronously(`${ARN}2`, {}, CALLER)).rejects.toMatchObject({ status: 404 });
    const long = lambda.invokeAsynchronously(ARN, 'x'.repeat(262_144), CALLER);
    await expect(long).rejects.toMatchObject({ code: 'RequestTooLargeException' });
    deny('because of the test');
    await expect(lambda.invokeAsynchronously(ARN, {}, CALLER)).rejects.toMatchObject({ status: 403 });
    expect(times).toEqual([]);
  });
  test('of a function that fails is made again after one and two minutes', async () => {
    const { lambda, times, sent, pass } = called((n) => (n === 3 ? { payload: 1 } : FAILED));
    await lambda.invokeAsynchronously(ARN, {}, CALLER);
    await pass(24);
    expect(times).toEqual([0, 60, 180]);
    expect(sent).toEqual([]);
  });
  test('that is throttled is made again with growing delays, for six hours', async () => {
    const some = called((n) => (n < 4 ? THROTTLED : { payload: 1 }));
    await some.lambda.invokeAsynchronously(ARN, {}, CALLER);
    await some.pass(24);
    expect(some.times).toEqual([0, 1, 3, 7]);
    const all = called(() => THROTTLED);
    await all.lambda.invokeAsynchronously(ARN, {}, CALLER);
    await all.pass(24);
    expect(all.times.at(-1)).toBeGreaterThan(5.8 * 3600);
    expect(all.times.at(-1)).toBeLessThanOrEqual(6 * 3600);
    expect(all.sent.map(({ message }) => message.attributes.ErrorCode)).toEqual(['429']);
  });
  test('beyond the reserved concurrency waits its turn', async () => {
    const { lambda, times, pass } = called(() => ({ payload: 1 }), { reservedConcurrency: 1 });
    await Promise.all([lambda.invokeAsynchronously(ARN, {}, CALLER), lambda.invokeAsynchronously(ARN, {}, CALLER)]);
    await pass(1);
    expect(times).toEqual([0, 1]);
  });
  test('of a function that was deleted meanwhile is none any more', async () => {
    const { lambda, times, sent, pass } = called(() => FAILED);
    await lambda.invokeAsynchronously(ARN, {}, CALLER);
    lambda.removeFunction(ARN);
    await pass(24);
    expect(times).toEqual([0]);
    expect(sent).toEqual([]);
  });
});

describe('after the third failure', () => {
  test('the event is sent to the dead letters, as the function’s role', async () => {
    const { lambda, times, sent, pass } = called(() => FAILED);
    await lambda.invokeAsynchronously(ARN, { run: 1 }, CALLER);
    await pass(24);
    expect(times).toEqual([0, 60, 180]);
    const attributes = {
      RequestID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ErrorCode: '200',
      ErrorMessage: 'it broke',
    };
    const sender = expect.objectContaining({ arn: 'as ASIA1' });
    expect(sent).toEqual([{ queue: QUEUE, message: { body: '{"run":1}', attributes }, sender }]);
  });
  test('it is lost if the role may not send it, or there is no queue', async () => {
    const denied = called(() => FAILED);
    await denied.lambda.invokeAsynchronously(ARN, {}, CALLER);
    denied.deny('because of the test');
    await denied.pass(24);
    expect(denied.sent).toHaveLength(1);
    const none = called(() => FAILED, { deadLetters: undefined });
    await none.lambda.invokeAsynchronously(ARN, {}, CALLER);
    await none.pass(24);
    expect(none.sent).toEqual([]);
  });
});

test('when the world ends nothing is made again', async () => {
  const { lambda, clock, times } = called(() => FAILED);
  await lambda.invokeAsynchronously(ARN, {}, CALLER);
  await clock.run(Promise.resolve());
  await lambda.close?.();
  await expect(clock.run(new Promise(() => {}))).rejects.toThrow('nothing left');
  expect(times).toEqual([0]);
});
