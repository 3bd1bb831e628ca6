import { Cron } from 'croner';
import type { Expression } from './expression';
import { instantsOf, wallAt } from './zone';

/** When a schedule runs; instants are epoch ms. */
export interface Recurrence {
  expression: Expression;
  timeZone: string;
  /** Neither before nor after these; AWS ignores both for at(…). */
  start?: number;
  end?: number;
  /** Since when a rate counts that has no start: when the schedule was made. */
  since?: number;
}

/** The first `count` times after an instant; fewer if there are no more. */
export function nextOccurrences(recurrence: Recurrence, after: number, count: number): number[] {
  const times: number[] = [];
  for (const time of occurrences(recurrence, after)) {
    times.push(time);
    if (times.length >= count) break;
  }
  return times;
}

/** Every time after an instant, one after the other. */
function* occurrences({ expression, timeZone, start, end, since = 0 }: Recurrence, after: number): Generator<number> {
  if (expression.kind === 'at') {
    // Only one of an hour that comes twice, as with cron. Unconfirmed.
    const [time] = instantsOf(expression.wall, timeZone);
    if (time !== undefined && time > after) yield time;
    return;
  }
  const from = start === undefined ? after : Math.max(after, start - 1);
  const times =
    expression.kind === 'rate'
      ? ofRate(expression.every, start ?? since, from)
      : ofCron(expression.pattern, timeZone, from);
  for (const time of times) {
    if (end !== undefined && time > end) return;
    yield time;
  }
}

function* ofRate(every: number, anchor: number, after: number): Generator<number> {
  const passed = Math.max(0, Math.floor((after - anchor) / every) + 1);
  for (let time = anchor + passed * every; ; time += every) yield time;
}

/**
 * The library walks the calendar of the clocks on the wall; which instants these are is decided here. What the clocks skip
 * in spring is skipped, and what they repeat in autumn runs before the change ('Daylight savings time on EventBridge
 * Scheduler'). Unconfirmed: that this holds for expressions that name every hour, too.
 */
function* ofCron(pattern: string, timeZone: string, after: number): Generator<number> {
  const cron = new Cron(pattern, { utcOffset: 0 });
  let wall = new Date(wallAt(after, timeZone));
  for (;;) {
    const next = cron.nextRun(wall);
    if (!next) return;
    wall = next;
    const [time] = instantsOf(next.getTime(), timeZone);
    if (time !== undefined && time > after) yield time;
  }
}
