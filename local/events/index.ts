import { createAgenda } from '../clock/agenda';
import type { EventRule, EventsPort, World } from '../world';
import { createDelivery } from './deliver';
import { checkPattern, matches } from './pattern';

export interface EventOptions {
  /** EventBridge delivers at least once, Step Functions' events at best effort (aws-facts-2 16.1): tests choose. */
  deliveries?: (event: Record<string, unknown>) => 'once' | 'twice' | 'lost';
}

const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** EventBridge: rules with a pattern or a rate, and Lambda functions as targets. */
export function createEvents(world: World, options: EventOptions = {}): EventsPort {
  const rules = new Map<string, EventRule>();
  const { later, close } = createAgenda(world.clock);

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

  const deliver = createDelivery(world, later);

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
    removeRule: (name) => void rules.delete(name),
    publish: ({ source, 'detail-type': detailType, detail, resources }) => {
      const event = envelope(source, detailType, resources, detail);
      const times = { once: 1, twice: 2, lost: 0 }[options.deliveries?.(event) ?? 'once'];
      for (const rule of rules.values()) {
        if (!rule.pattern || !matches(rule.pattern, event)) continue;
        for (let n = 1; n <= times; n++) later(world.delays.eventDelivery * n, () => deliver(rule, event));
      }
    },
    close,
  };
}

/** `rate(15 minutes)` in milliseconds. */
function intervalOf(schedule: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  if (!count || !unit) throw new Error(`The schedule ${schedule} is not supported: only rate(…) is`);
  return Number(count) * UNITS[unit]!;
}
