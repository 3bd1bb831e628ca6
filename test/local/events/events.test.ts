import { describe, expect, test } from '@jest/globals';
import { virtualClock } from '../../../local/clock/virtual';
import { createEvents, type EventOptions } from '../../../local/events';
import { AwsError, createIds, DEFAULT_DELAYS, type EventRule, type World } from '../../../local/world';

const RULE = 'arn:aws:events:eu-west-1:111122223333:rule/closed';
const TARGET = 'arn:aws:lambda:eu-west-1:111122223333:function:recover';
const EVENT = {
  source: 'aws.states',
  'detail-type': 'Step Functions Execution Status Change',
  detail: { status: 'ABORTED', stateMachineArn: 'arn:machine' },
  resources: ['arn:execution'],
};

function eventsWorld(
  rule: Partial<EventRule>,
  answer: (n: number) => unknown = () => ({ payload: null }),
  options: EventOptions = {},
) {
  const clock = virtualClock();
  const start = clock.now();
  const invoked: { arn: string; event: unknown; invoker: unknown; seconds: number }[] = [];
  const world = {
    account: '111122223333',
    region: 'eu-west-1',
    clock,
    ids: createIds(),
    delays: DEFAULT_DELAYS,
    lambda: {
      invoke: async (arn: string, event: unknown, invoker: unknown) => {
        invoked.push({ arn, event, invoker, seconds: (clock.now() - start) / 1000 });
        const result = answer(invoked.length);
        if (result instanceof Error) throw result;
        return result;
      },
    },
  } as unknown as World;
  const events = createEvents(world, options);
  events.putRule({ name: 'closed', arn: RULE, targets: [{ arn: TARGET }], ...rule });
  const pass = (milliseconds: number) => clock.run(clock.sleep(milliseconds));
  return { events, invoked, pass, clock };
}

test('an event reaches the target of a rule that matches, in EventBridge’s envelope', async () => {
  const { events, invoked, pass } = eventsWorld({
    pattern: {
      source: ['aws.states'],
      detail: { status: ['FAILED', 'ABORTED'], stateMachineArn: [{ prefix: 'arn:' }] },
    },
  });
  events.publish(EVENT);
  expect(invoked).toEqual([]);
  await pass(1_000);
  const event = {
    version: '0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account: '111122223333',
    time: '2026-01-05T09:00:00Z',
    region: 'eu-west-1',
    resources: ['arn:execution'],
    detail: EVENT.detail,
  };
  const invoker = { service: 'events.amazonaws.com', sourceArn: RULE };
  expect(invoked).toEqual([{ arn: TARGET, event, invoker, seconds: 1 }]);
});

test.each([
  { source: ['aws.ec2'] },
  { detail: { status: ['FAILED'] } },
  { detail: { stateMachineArn: [{ prefix: 'other' }] } },
  { detail: { error: ['x'] } },
  { resources: ['arn:other'] },
])('%j does not match', async (pattern) => {
  const { events, invoked, pass } = eventsWorld({ pattern });
  events.publish(EVENT);
  await pass(10_000);
  expect(invoked).toEqual([]);
});

test('resources match by any one of them', async () => {
  const { events, invoked, pass } = eventsWorld({ pattern: { resources: ['arn:execution'] } });
  events.publish(EVENT);
  await pass(10_000);
  expect(invoked).toHaveLength(1);
});

describe('repetition', () => {
  const times = async (answer: (n: number) => unknown, options: EventOptions = {}) => {
    const { events, invoked, pass } = eventsWorld({ pattern: { source: ['aws.states'] } }, answer, options);
    events.publish(EVENT);
    await pass(24 * 3_600_000);
    return invoked.map(({ seconds }) => seconds);
  };
  const failed = { functionError: { errorMessage: 'no' } };
  test('a function that fails is called again after one and two minutes', async () => {
    expect(await times(() => failed)).toEqual([1, 61, 181]);
    expect(await times((n) => (n === 2 ? { payload: 1 } : failed))).toEqual([1, 61]);
  });
  test('a throttled call is repeated with growing delays', async () => {
    const throttled = new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    expect(await times((n) => (n < 4 ? throttled : { payload: 1 }))).toEqual([1, 2, 4, 8]);
    expect((await times(() => throttled)).at(-1)).toBeLessThan(6 * 3600 + 1);
  });
  test('a missing permission is not', async () => {
    expect(await times(() => new AwsError('AccessDeniedException', 'no', 403))).toEqual([1]);
  });
  test('events may come twice or never', async () => {
    expect(await times(() => ({ payload: 1 }), { deliveries: () => 'twice' })).toEqual([1, 2]);
    expect(await times(() => ({ payload: 1 }), { deliveries: () => 'lost' })).toEqual([]);
  });
});

test('a rate', async () => {
  const { invoked, pass, events, clock } = eventsWorld({ schedule: 'rate(15 minutes)' });
  await pass(3_600_001);
  expect(invoked.map(({ seconds }) => seconds)).toEqual([900, 1800, 2700, 3600]);
  const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [RULE], detail: {} };
  expect(invoked[0]!.event).toMatchObject(event);
  events.close?.();
  await expect(clock.run(new Promise(() => {}))).rejects.toThrow('nothing left');
});

test.each<[Partial<EventRule>, RegExp]>([
  [{ pattern: { source: [{ suffix: 'x' }] } }, /source: \{"suffix":"x"\} is not supported/],
  [{ pattern: { $or: [{ source: ['a'] }] } }, /\$or is not supported/],
  [{ pattern: { source: 'a' } }, /must be a list/],
  [{ schedule: 'cron(0 0 * * ? *)' }, /only rate/],
  [{}, /needs a pattern or a schedule/],
])('%j is refused', (rule, message) => {
  expect(() => eventsWorld(rule)).toThrow(message);
});
