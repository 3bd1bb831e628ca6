import { patternOf } from './cron';
import { InvalidExpression } from './invalid';

/** A schedule expression of EventBridge Scheduler, understood. */
export type Expression =
  /** `pattern`: croner's. */
  | { kind: 'cron'; pattern: string }
  /** Milliseconds; a day is 24 hours, whatever the clocks do. */
  | { kind: 'rate'; every: number }
  /** What clocks show, as epoch ms of that date and time in UTC. */
  | { kind: 'at'; wall: number };

const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** In ms: as long as from 1970 to the end of the years that cron(…) has. Sums of longer ones may be no dates any more. */
const LONGEST_RATE = Date.UTC(2200);
/** Of the model of CreateSchedule. */
const LONGEST_EXPRESSION = 256;

/**
 * Reads cron(…), rate(…) or at(…) by AWS's page 'Schedule types in EventBridge Scheduler'.
 * @throws InvalidExpression with the field, if there is one, and the reason
 */
export function parseExpression(text: string): Expression {
  const [, kind, inner = ''] = /^(cron|rate|at)\((.*)\)$/s.exec(text) ?? [];
  if (text.length > LONGEST_EXPRESSION) {
    throw new InvalidExpression(`has ${text.length} characters, ${LONGEST_EXPRESSION} are possible`);
  }
  if (kind === 'cron') return { kind, pattern: patternOf(inner) };
  if (kind === 'rate') return { kind, every: rateOf(inner) };
  if (kind === 'at') return { kind, wall: timeOf(inner) };
  throw new InvalidExpression(
    'is none of cron(minutes hours day-of-month month day-of-week year), rate(value unit) and at(yyyy-mm-ddThh:mm:ss)',
  );
}

/** Scheduler takes `1 minutes`, too (aws-facts-2 16.4); the API reference has both forms of each unit. */
function rateOf(inner: string): number {
  const [, value, unit] = /^(\d+) +(minute|hour|day)s?$/.exec(inner) ?? [];
  if (!value || !unit)
    throw new InvalidExpression('rate: give a whole number and minutes, hours or days: rate(5 minutes)');
  const every = Number(value) * (UNITS[unit] as number);
  if (every === 0) throw new InvalidExpression('rate: the value must be greater than 0');
  if (every > LONGEST_RATE) throw new InvalidExpression(`rate: ${value} ${unit}s is beyond every calendar`);
  return every;
}

function timeOf(inner: string): number {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(inner) ? Date.parse(`${inner}Z`) : Number.NaN;
  // Date.parse takes the 30th of February for the 2nd of March.
  if (!Number.isNaN(wall) && new Date(wall).toISOString().startsWith(inner)) return wall;
  throw new InvalidExpression('at: give a date and a time that there are, without a zone: at(2026-11-20T13:00:00)');
}
