import { describe, expect, test } from '@jest/globals';
import { virtualClock } from '../../../local/clock/virtual';
import { createEvents, type EventOptions } from '../../../local/events';
import {
  AwsError,
  createIds,
  DEFAULT_DELAYS,
  type EventRule,
  type EventTarget,
  type QueueMessage,
  type World,
} from '../../../local/world';

const RULE = 'arn:aws:events:eu-west-1:111122223333:rule/closed';
const TARGET = 'arn:aws:lambda:eu-west-1:111122223333:function:recover';
const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:dead-letters';
const NO_QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:deleted';
const EVENT = {
  source: 'aws.states',
  'detail-type': 'Step Functions Execution Status Change',
  detail: { status: 'ABORTED', stateMachineArn: 'arn:machine' },
  resources: ['arn:execution'],
};

function eventsWorld(
  rule: Partial<EventRule>,
  answer: (n: number) => Error | undefined = () => undefined,
  options: EventOptions = {},
) {
  const clock = virtualClock();
  const start = clock.now();
  const invoked: { arn: string; event: unknown; invoker: unknown; seconds: number }[] = [];
  const sent: { queue: string; message: QueueMessage; sender: unknown; seconds: number }[] = [];
  const world = {
    account: '111122223333',
    region: 'eu-west-1',
    clock,
    ids: createIds(),
    delays: DEFAULT_DELAYS,
    lambda: {
      invokeAsynchronously: async (arn: string, event: unknown, invoker: unknown) => {
        invoked.push({ arn, event, invoker, seconds: (clock.now() - start) / 1000 });
        const refusal = answer(invoked.length);
        if (refusal) throw refusal;
      },
    },
    sqs: {
      send: (queue: string, message: QueueMessage, sender: unknown) => {
        sent.push({ queue, message, sender, seconds: (clock.now() - start) / 1000 });
        if (queue === NO_QUEUE) throw new AwsError('AWS.SimpleQueueService.NonExistentQueue', 'no');
      },
    },
  } as unknown as World;
  const events = createEvents(world, options);
  events.putRule({ name: 'closed', arn: RULE, targets: [{ arn: TARGET }], ...rule });
  const pass = (milliseconds: number) => clock.run(clock.sleep(milliseconds));
  return { events, invoked, sent, pass, clock };
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

test('events may come twice or never', async () => {
  const times = async (options: EventOptions) => {
    const { events, invoked, pass } = eventsWorld({ pattern: { source: ['aws.states'] } }, undefined, options);
    events.publish(EVENT);
    await pass(24 * 3_600_000);
    return invoked.map(({ seconds }) => seconds);
  };
  expect(await times({ deliveries: () => 'twice' })).toEqual([1, 2]);
  expect(await times({ deliveries: () => 'lost' })).toEqual([]);
});

describe('an event that Lambda does not take', () => {
  const DAY = 86_400_000;
  const undelivered = async (
    error: AwsError,
    target: Partial<EventTarget> = {},
    refusals = Number.POSITIVE_INFINITY,
  ) => {
    const targets = [{ arn: TARGET, deadLetters: QUEUE, ...target }];
    const all = eventsWorld({ pattern: { source: ['aws.states'] }, targets }, (n) =>
      n > refusals ? undefined : error,
    );
    all.events.publish(EVENT);
    await all.pass(2 * DAY);
    return { ...all, times: all.invoked.map(({ seconds }) => seconds) };
  };
  const busy = new AwsError('ServiceException', 'Internal', 500);

  test.each<[string, AwsError]>([
    ['NO_PERMISSIONS', new AwsError('AccessDeniedException', 'no', 403)],
    ['NO_RESOURCE', new AwsError('ResourceNotFoundException', 'gone', 404)],
  ])('is a dead letter at once, as %s', async (ERROR_CODE, error) => {
    const { times, sent, invoked } = await undelivered(error);
    expect(times).toEqual([1]);
    const attributes = {
      RULE_ARN: RULE,
      TARGET_ARN: TARGET,
      ERROR_CODE,
      ERROR_MESSAGE: error.message,
      RETRY_ATTEMPTS: '0',
    };
    const message = { body: JSON.stringify(invoked[0]!.event), attributes };
    const sender = { service: 'events.amazonaws.com', sourceArn: RULE };
    expect(sent).toEqual([{ queue: QUEUE, message, sender, seconds: 1 }]);
  });
  test('while Lambda fails it is tried again, later and later, for a day', async () => {
    const { times, sent } = await undelivered(busy);
    expect(times.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
    expect(times.at(-1)).toBeGreaterThan(20 * 3600);
    expect(times.length).toBeLessThanOrEqual(186);
    const [{ message, seconds } = { message: undefined, seconds: 0 }] = sent;
    expect(seconds).toBeLessThanOrEqual(24 * 3600 + 1);
    expect(message?.attributes).toMatchObject({ RETRY_ATTEMPTS: String(times.length - 1) });
  });
  test('and is none once Lambda has taken it', async () => {
    const { times, sent } = await undelivered(busy, {}, 2);
    expect(times).toEqual([1, 2, 4]);
    expect(sent).toEqual([]);
  });
  test.each([
    [{ maximumAge: DAY, maximumAttempts: 2 }, [1, 2, 4], 'MaximumRetryAttempts'],
    [{ maximumAge: 60_000, maximumAttempts: 185 }, [1, 2, 4, 8, 16, 32], 'MaximumEventAgeInSeconds'],
  ])('until %j is used up', async (retry, expected, EXHAUSTED_RETRY_CONDITION) => {
    const { times, sent } = await undelivered(busy, { retry });
    expect(times).toEqual(expected);
    expect(sent.map(({ message }) => message.attributes)).toEqual([
      {
        RULE_ARN: RULE,
        TARGET_ARN: TARGET,
        ERROR_CODE: 'INTERNAL_EXCEPTION_FROM_TARGET',
        ERROR_MESSAGE: 'Internal',
        RETRY_ATTEMPTS: String(expected.length - 1),
        EXHAUSTED_RETRY_CONDITION,
      },
    ]);
  });
  test('is lost without a queue, or with one that does not take it', async () => {
    const gone = new AwsError('ResourceNotFoundException', 'gone', 404);
    expect((await undelivered(gone, { deadLetters: undefined })).sent).toEqual([]);
    expect((await undelivered(gone, { deadLetters: NO_QUEUE })).times).toEqual([1]);
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
