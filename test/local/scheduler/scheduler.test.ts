import { describe, expect, test } from '@jest/globals';
import { virtualClock } from '../../../local/clock/virtual';
import { createScheduler } from '../../../local/scheduler';
import {
  AwsError,
  createIds,
  DEFAULT_DELAYS,
  type QueueMessage,
  type ScheduleDefinition,
  type World,
} from '../../../local/world';

const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:runScheduled';
const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:dead-letters';
const START = Date.parse('2026-03-28T00:00:00Z');
const HOUR = 3_600_000;
const DOWN = new AwsError('ServiceException', 'down', 503);

const definition = (more: Partial<ScheduleDefinition> = {}): ScheduleDefinition => ({
  name: 'nightly',
  group: 'acme',
  expression: 'cron(30 2 * * ? *)',
  timeZone: 'Europe/Berlin',
  enabled: true,
  target: {
    arn: FUNCTION,
    roleArn: 'arn:aws:iam::111122223333:role/stepup/acme-schedules',
    input:
      '{"at":"<aws.scheduler.scheduled-time>","by":"<aws.scheduler.schedule-arn>","n":"<aws.scheduler.attempt-number>","x":"<aws.scheduler.none>"}',
    retry: { maximumAge: HOUR, maximumAttempts: 185 },
    deadLetters: QUEUE,
  },
  ...more,
});

interface Circumstances {
  answer?: (n: number) => Error | undefined;
  /** Does the role let Scheduler assume it? */
  isTrusted?: boolean;
}

function schedulerWorld({ answer = () => undefined, isTrusted = true }: Circumstances = {}) {
  const clock = virtualClock(START);
  const invoked: { at: string; event: object; role: string }[] = [];
  const sent: { queue: string; message: QueueMessage }[] = [];
  const trust: unknown[] = [];
  const world = {
    ...{ account: '111122223333', region: 'eu-west-1', partition: 'aws' },
    ...{ clock, ids: createIds(), delays: DEFAULT_DELAYS },
    iam: {
      trusts: (...asked: unknown[]) => {
        trust.push(asked);
        return isTrusted;
      },
      issueSession: ({ roleName }: { roleName: string }) => ({ accessKeyId: roleName }),
      accessKey: (roleName: string) => ({ principal: { name: roleName } }),
    },
    lambda: {
      invokeAsynchronously: async (arn: string, event: object, { name }: { name: string }) => {
        expect(arn).toBe(FUNCTION);
        invoked.push({ at: new Date(clock.now()).toISOString().slice(0, 19), event, role: name });
        const refusal = answer(invoked.length);
        if (refusal) throw refusal;
      },
    },
    sqs: { send: (queue: string, message: QueueMessage) => void sent.push({ queue, message }) },
  } as unknown as World;
  const scheduler = createScheduler(world);
  scheduler.putGroup('acme');
  const pass = (hours: number) => clock.run(clock.sleep(hours * HOUR));
  const times = () => invoked.map(({ at }) => at);
  return { scheduler, invoked, sent, trust, pass, times };
}

test('a schedule calls its function within the minute, as its role, with its words filled in', async () => {
  const { scheduler, invoked, trust, pass } = schedulerWorld();
  scheduler.putSchedule(definition());
  // The clocks of the 29th have no half past two.
  await pass(72);
  const event = (time: string) => ({
    at: time,
    by: 'arn:aws:scheduler:eu-west-1:111122223333:schedule/acme/nightly',
    n: '1',
    x: '<aws.scheduler.none>',
  });
  expect(invoked).toEqual([
    { at: '2026-03-28T01:30:10', event: event('2026-03-28T01:30:00Z'), role: 'acme-schedules' },
    { at: '2026-03-30T00:30:10', event: event('2026-03-30T00:30:00Z'), role: 'acme-schedules' },
  ]);
  const context = {
    'aws:SourceAccount': '111122223333',
    'aws:SourceArn': 'arn:aws:scheduler:eu-west-1:111122223333:schedule-group/acme',
  };
  expect(trust[0]).toEqual(['acme-schedules', { service: 'scheduler.amazonaws.com' }, context]);
});

describe('it is not due', () => {
  test.each<[string, Partial<ScheduleDefinition>, string[]]>([
    ['while it is disabled', { enabled: false }, []],
    ['before its start', { start: Date.parse('2026-03-30T00:30:00Z') }, ['2026-03-30T00:30:10']],
    ['after its end', { end: Date.parse('2026-03-28T01:30:00Z') }, ['2026-03-28T01:30:10']],
    ['more than once, if it is of one time', { expression: 'at(2026-03-28T04:00:00)' }, ['2026-03-28T03:00:10']],
    ['any more, if its one time has passed', { expression: 'at(2026-03-27T04:00:00)' }, []],
  ])('%s', async (_, more, expected) => {
    const { scheduler, times, pass } = schedulerWorld();
    scheduler.putSchedule(definition(more));
    await pass(72);
    expect(times()).toEqual(expected);
  });

  test.each<[string, (scheduler: ReturnType<typeof schedulerWorld>['scheduler']) => void]>([
    ['when it is deleted', (scheduler) => scheduler.removeSchedule('acme', 'nightly')],
    ['when its group is deleted', (scheduler) => scheduler.removeGroup('acme')],
    ['when it is disabled', (scheduler) => scheduler.putSchedule(definition({ enabled: false }))],
  ])('any more %s', async (_, change) => {
    const { scheduler, times, pass } = schedulerWorld();
    scheduler.putSchedule(definition());
    await pass(1);
    change(scheduler);
    await pass(72);
    expect(times()).toEqual([]);
  });
});

test('it is due at other times once it was changed', async () => {
  const { scheduler, times, pass } = schedulerWorld();
  scheduler.putSchedule(definition());
  await pass(1);
  scheduler.putSchedule(definition({ expression: 'cron(0 12 ? * SUN *)' }));
  await pass(72);
  expect(times()).toEqual(['2026-03-29T10:00:10']);
});

test('a rate without a start begins at once', async () => {
  const { scheduler, times, pass } = schedulerWorld();
  scheduler.putSchedule(definition({ expression: 'rate(12 hours)' }));
  await pass(24);
  expect(times()).toEqual(['2026-03-28T00:00:10', '2026-03-28T12:00:10']);
});

test('with a flexible window it is called at some moment of it, with the time that was due', async () => {
  const { scheduler, invoked, pass } = schedulerWorld();
  scheduler.putSchedule(definition({ expression: 'cron(0 * * * ? *)', windowMinutes: 30 }));
  await pass(24);
  expect(invoked.length).toBeGreaterThan(20);
  const minutes = invoked.map(({ at }) => Number(at.slice(14, 16)));
  expect(new Set(minutes).size).toBeGreaterThan(5);
  expect(Math.max(...minutes)).toBeLessThanOrEqual(30);
  for (const { event } of invoked) expect(event).toHaveProperty('at', expect.stringMatching(/T\d\d:00:00Z$/));
});

test('a time may be told twice', async () => {
  const { scheduler, invoked, pass } = schedulerWorld();
  scheduler.deliveries = () => 'twice';
  scheduler.putSchedule(definition());
  await pass(24);
  expect(invoked).toHaveLength(2);
  expect(invoked[0]?.event).toEqual(invoked[1]?.event);
});

describe('what could not be delivered', () => {
  test('is tried again, until it is', async () => {
    const { scheduler, invoked, sent, pass } = schedulerWorld({ answer: (n) => (n < 3 ? DOWN : undefined) });
    scheduler.putSchedule(definition());
    await pass(24);
    expect(invoked.map(({ event }) => (event as { n: string }).n)).toEqual(['1', '2', '3']);
    expect(sent).toEqual([]);
  });

  test.each<[string, Circumstances, Partial<ScheduleDefinition['target']>, object]>([
    [
      'for so long',
      { answer: () => DOWN },
      {},
      { ERROR_CODE: 'INTERNAL_EXCEPTION_FROM_TARGET', EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' },
    ],
    [
      'so often',
      { answer: () => DOWN },
      { retry: { maximumAge: HOUR, maximumAttempts: 2 } },
      { EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts', RETRY_ATTEMPTS: '2' },
    ],
    [
      'not at all, without a permission',
      { answer: () => new AwsError('AccessDeniedException', 'no', 403) },
      {},
      { ERROR_CODE: 'NO_PERMISSIONS', RETRY_ATTEMPTS: '0' },
    ],
  ])('is tried again %s, and kept', async (_, circumstances, target, attributes) => {
    const { scheduler, sent, pass } = schedulerWorld(circumstances);
    scheduler.putSchedule(definition({ target: { ...definition().target, ...target } }));
    await pass(24);
    expect(sent).toEqual([{ queue: QUEUE, message: expect.anything() }]);
    expect(sent[0]?.message).toMatchObject({
      body: expect.stringContaining('"at":"2026-03-28T01:30:00Z"'),
      attributes: { TARGET_ARN: FUNCTION, SCHEDULED_TIME: '2026-03-28T01:30:00Z', ...attributes },
    });
  });

  test('is lost, where the role does not let Scheduler assume it, or there are no dead letters', async () => {
    const untrusted = schedulerWorld({ isTrusted: false });
    untrusted.scheduler.putSchedule(definition());
    await untrusted.pass(24);
    expect([untrusted.invoked, untrusted.sent]).toEqual([[], []]);
    const without = schedulerWorld({ answer: () => DOWN });
    const { deadLetters: _, ...target } = definition().target;
    without.scheduler.putSchedule(definition({ target }));
    await without.pass(24);
    expect(without.sent).toEqual([]);
  });
});

test.each<[string, Partial<ScheduleDefinition>, string]>([
  [
    'an expression that is none',
    { expression: 'cron(0 25 * * ? *)' },
    'Invalid Schedule Expression cron(0 25 * * ? *).',
  ],
  ['an unknown zone', { timeZone: 'Europe/Berlim' }, 'Invalid ScheduleExpressionTimezone.'],
  [
    'a start that has passed',
    { start: START - 301_000 },
    'The StartDate you specify cannot be earlier than 5 minutes ago.',
  ],
  ['an end before the start', { start: START + HOUR, end: START }, 'The EndDate you specify must come later'],
  ['a name with a slash', { name: 'a/b' }, 'Invalid name a/b'],
  ['an empty input', { target: { ...definition().target, input: '' } }, 'The Input of a target must not be empty.'],
  ['an unknown group', { group: 'none' }, 'Schedule group none does not exist.'],
])('%s is refused', (_, more, says) => {
  const { scheduler } = schedulerWorld();
  expect(() => scheduler.putSchedule(definition(more))).toThrow(says);
});
