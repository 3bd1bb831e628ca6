import { AwsError, type EventRule, type EventsPort, type World } from '../world';
import { checkPattern, matches } from './pattern';

export interface EventOptions {
  /** EventBridge delivers at least once, Step Functions' events at best effort (aws-facts-2 16.1): tests choose. */
  deliveries?: (event: Record<string, unknown>) => 'once' | 'twice' | 'lost';
}

/** Lambda's own repetition of asynchronous invocations whose function failed. */
const RETRIES_AFTER = [60_000, 120_000];
/** While Lambda throttles or fails itself: from 1 s, doubled up to 5 min, for 6 h. */
const LONGEST_BACKOFF = 300_000;
const OLDEST_EVENT = 6 * 3_600_000;
const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** EventBridge: rules with a pattern or a rate, and Lambda functions as targets. */
export function createEvents(world: World, options: EventOptions = {}): EventsPort {
  const rules = new Map<string, EventRule>();
  const pending = new Set<() => void>();

  const later = (ms: number, action: () => void) => {
    const cancel = world.clock.after(ms, () => {
      pending.delete(cancel);
      action();
    });
    pending.add(cancel);
  };

  const envelope = (source: string, detailType: string, resources: string[], detail: Record<string, unknown>) => ({
    version: '0',
    id: world.ids.uuid(),
    'detail-type': detailType,
    source,
    account: world.account,
    time: new Date(world.clock.now()).toISOString().replace(/\.\d+/, ''),
    region: world.region,
    resources,
    detail,
  });

  const invoke = async (target: string, event: object, sourceArn: string, failures = 0, backoff = 1_000, age = 0) => {
    try {
      const result = await world.lambda.invoke(target, event, { service: 'events.amazonaws.com', sourceArn });
      const delay = 'functionError' in result ? RETRIES_AFTER[failures] : undefined;
      if (delay !== undefined) later(delay, () => void invoke(target, event, sourceArn, failures + 1));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // A missing target or permission is not tried again (aws-facts-2 16.1).
      if ((error.status !== 429 && error.status < 500) || age + backoff > OLDEST_EVENT) return;
      const next = Math.min(backoff * 2, LONGEST_BACKOFF);
      later(backoff, () => void invoke(target, event, sourceArn, failures, next, age + backoff));
    }
  };

  const deliver = (rule: EventRule, event: object) => {
    for (const target of rule.targets) void invoke(target.arn, event, rule.arn);
  };

  const repeat = (rule: EventRule, interval: number) =>
    later(interval, () => {
      if (rules.get(rule.name) !== rule) return;
      deliver(rule, envelope('aws.events', 'Scheduled Event', [rule.arn], {}));
      repeat(rule, interval);
    });

  return {
    operations: [],
    putRule: (rule) => {
      if (!rule.pattern === !rule.schedule) throw new Error(`Rule ${rule.name}: needs a pattern or a schedule`);
      if (rule.pattern) checkPattern(rule.pattern, rule.name);
      const interval = rule.schedule && intervalOf(rule.schedule);
      rules.set(rule.name, rule);
      if (interval) repeat(rule, interval);
    },
    publish: ({ source, 'detail-type': detailType, detail, resources }) => {
      const event = envelope(source, detailType, resources, detail);
      const times = { once: 1, twice: 2, lost: 0 }[options.deliveries?.(event) ?? 'once'];
      for (const rule of rules.values()) {
        if (!rule.pattern || !matches(rule.pattern, event)) continue;
        for (let n = 1; n <= times; n++) later(world.delays.eventDelivery * n, () => deliver(rule, event));
      }
    },
    close: () => {
      for (const cancel of pending) cancel();
    },
  };
}

/** `rate(15 minutes)` in milliseconds. */
function intervalOf(schedule: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  if (!count || !unit) throw new Error(`The schedule ${schedule} is not supported: only rate(…) is`);
  return Number(count) * UNITS[unit]!;
}
