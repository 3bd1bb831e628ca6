import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextOccurrences, parseExpression } from '../../calendar';
import { type Minute, minutesIn } from './bruteForce';

/** A field as it is written, and what it means: told independently of how it is read. */
interface Written<Value = number> {
  text: string;
  holds: (value: Value) => boolean;
}

const numbers = (least: number, most: number): fc.Arbitrary<Written> => {
  const value = fc.integer({ min: least, max: most });
  const range = fc.tuple(value, value).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const step = fc.integer({ min: 1, max: most - least });
  return fc.oneof(
    fc.constant({ text: '*', holds: () => true }),
    fc
      .array(value, { minLength: 1, maxLength: 4 })
      .map((list) => ({ text: list.join(','), holds: (it: number) => list.includes(it) })),
    range.map(([from, to]) => ({ text: `${from}-${to}`, holds: (it: number) => from <= it && it <= to })),
    fc.tuple(value, step).map(([from, by]) => ({
      text: `${from}/${by}`,
      holds: (it: number) => it >= from && (it - from) % by === 0,
    })),
    fc.tuple(range, step).map(([[from, to], by]) => ({
      text: `${from}-${to}/${by}`,
      holds: (it: number) => from <= it && it <= to && (it - from) % by === 0,
    })),
  );
};

/** In lower case, as names may be. */
const NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const weekday = fc.integer({ min: 1, max: 7 });
const onWeekdays: fc.Arbitrary<Written<Minute>> = fc.oneof(
  fc.uniqueArray(weekday, { minLength: 1 }).map((days) => ({
    text: days.map((day) => (day % 2 ? String(day) : NAMES[day - 1])).join(','),
    holds: (at: Minute) => days.includes(at.weekday),
  })),
  weekday.map((day) => ({
    text: `${day}L`,
    holds: (at: Minute) => at.weekday === day && at.day > at.lastDay - 7,
  })),
  fc.tuple(weekday, fc.integer({ min: 1, max: 5 })).map(([day, nth]) => ({
    text: `${day}#${nth}`,
    holds: (at: Minute) => at.weekday === day && Math.ceil(at.day / 7) === nth,
  })),
);

/** The weekday nearest to a day: that day, or the Friday before, or the Monday after. */
const isNearest = ({ day, weekday: at }: Minute, wanted: number): boolean =>
  at >= 2 && at <= 6 && (day === wanted || (at === 6 && day === wanted - 1) || (at === 2 && day === wanted + 1));

const onDays: fc.Arbitrary<Written<Minute>> = fc.oneof(
  numbers(1, 31).map(({ text, holds }) => ({ text, holds: (at: Minute) => holds(at.day) })),
  fc.constant({ text: 'L', holds: (at: Minute) => at.day === at.lastDay }),
  fc.integer({ min: 2, max: 27 }).map((day) => ({ text: `${day}W`, holds: (at: Minute) => isNearest(at, day) })),
);

const crons: fc.Arbitrary<Written<Minute>> = fc
  .record({
    minute: numbers(0, 59),
    hour: numbers(0, 23),
    month: fc.oneof(
      { weight: 3, arbitrary: fc.constant({ text: '*', holds: () => true }) },
      { weight: 1, arbitrary: numbers(1, 12) },
    ),
    days: fc.oneof(
      onDays.map(({ text, holds }) => ({ text: [text, '?'], holds })),
      onWeekdays.map(({ text, holds }) => ({ text: ['?', text], holds })),
    ),
  })
  .map(({ minute, hour, month, days }) => ({
    text: `cron(${minute.text} ${hour.text} ${days.text[0]} ${month.text} ${days.text[1]} *)`,
    holds: (at) => minute.holds(at.minute) && hour.holds(at.hour) && month.holds(at.month) && days.holds(at),
  }));

/** A span in which each zone has its oddities, and how far it is looked through. */
const SPANS: [zone: string, from: string, days: number][] = [
  ['UTC', '2028-01-15', 60],
  ['Europe/Berlin', '2026-03-15', 25],
  ['Europe/Berlin', '2026-10-15', 25],
  ['America/St_Johns', '2026-10-20', 20],
  ['Australia/Lord_Howe', '2026-03-25', 20],
  ['Australia/Lord_Howe', '2026-09-25', 20],
  ['Pacific/Apia', '2011-12-20', 20],
  ['Africa/Casablanca', '2026-02-10', 45],
];
const RUNS = 40;
/** Of one expression: those that are due every minute have many. */
const MOST = 400;

describe.each(SPANS)('in %s from %s', (timeZone, from, days) => {
  const start = Date.parse(`${from}T00:00:00Z`);
  const minutes = minutesIn(timeZone, start, start + days * 86_400_000);

  test('every expression is due when a look at each minute says so', () => {
    fc.assert(
      fc.property(crons, ({ text, holds }) => {
        const expected = minutes.filter((at) => !at.again && holds(at)).map(({ instant }) => instant);
        const last = minutes.at(-1)!.instant;
        const recurrence = { expression: parseExpression(text), timeZone, end: last };
        expect(nextOccurrences(recurrence, start - 1, MOST)).toEqual(expected.slice(0, MOST));
      }),
      { numRuns: RUNS, seed: 20261122 },
    );
  });
});
