import { DAY_OF_MONTH, DAY_OF_WEEK, HOURS, MINUTES, MONTH, numberIn, refuse, valuesOf, YEAR } from './fields';
import { InvalidExpression } from './invalid';

/**
 * A cron expression of EventBridge Scheduler as a pattern of croner: seconds first, days of the week from 0, every value
 * spelled out, so that no two dialects are left to differ.
 * @param inner what stands between `cron(` and `)`
 * @throws InvalidExpression for what is wrong, and for what AWS's pages leave open
 */
export function patternOf(inner: string): string {
  if (/[^\S ]/.test(inner)) throw new InvalidExpression('has other white space between its fields than blanks');
  const fields = inner.split(/ +/);
  if (fields.length === 5) {
    // 'Schedule types' calls the year optional, the API reference of CreateSchedule counts six fields.
    throw new InvalidExpression(
      "year: is missing, and AWS's pages disagree on whether it may be; write * for every year",
    );
  }
  if (fields.length !== 6 || fields.includes('')) {
    throw new InvalidExpression(
      'has six fields with blanks between them: minutes hours day-of-month month day-of-week year',
    );
  }
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  requireOneDay(dayOfMonth, dayOfWeek);
  return [
    '0',
    listed(valuesOf(MINUTES, minutes)),
    listed(valuesOf(HOURS, hours)),
    dayOfMonth === '?' ? '*' : daysOfMonth(dayOfMonth),
    listed(valuesOf(MONTH, month)),
    dayOfWeek === '?' ? '*' : daysOfWeek(dayOfWeek),
    listed(valuesOf(YEAR, year)),
  ].join(' ');
}

const listed = (values: number[]): string => values.join(',');

function requireOneDay(dayOfMonth: string, dayOfWeek: string): void {
  const open = [dayOfMonth, dayOfWeek].filter((field) => field === '?').length;
  if (open === 2) throw new InvalidExpression("day-of-month and day-of-week are both '?': say one of them, such as *");
  if (open === 0) {
    throw new InvalidExpression(`day-of-month '${dayOfMonth}' and day-of-week '${dayOfWeek}': one of them must be '?'`);
  }
}

/** Nearest to these, the weekday may lie in another month: AWS does not say whether it counts. */
const NEAR_ANOTHER_MONTH = [1, 28, 29, 30, 31];

function daysOfMonth(text: string): string {
  if (text === 'L') return 'L';
  const [, day] = /^(\d+)W$/.exec(text) ?? [];
  if (day !== undefined) {
    const value = numberIn(DAY_OF_MONTH, text, day);
    if (NEAR_ANOTHER_MONTH.includes(value)) {
      refuse(DAY_OF_MONTH, text, 'the nearest weekday may be in another month, and AWS does not say what it does then');
    }
    return `${value}W`;
  }
  if (/[LW]/i.test(text)) refuse(DAY_OF_MONTH, text, 'L and W stand as L, or as a day and W (15W), and alone');
  return listed(valuesOf(DAY_OF_MONTH, text));
}

function daysOfWeek(text: string): string {
  // 'the last day of the … week', of 1-7 or SUN-SAT.
  if (text === 'L') return '6';
  const [, last] = /^(\d+)L$/.exec(text) ?? [];
  if (last !== undefined) return `${numberIn(DAY_OF_WEEK, text, last) - 1}#L`;
  const [, day, nth] = /^(\d+)#(\d+)$/.exec(text) ?? [];
  if (day !== undefined) {
    if (!/^[1-5]$/.test(nth ?? '')) refuse(DAY_OF_WEEK, text, 'a month has the first to the fifth of a day: #1 to #5');
    return `${numberIn(DAY_OF_WEEK, text, day) - 1}#${nth}`;
  }
  if (/#|\dL|L$|L,/i.test(text)) {
    refuse(DAY_OF_WEEK, text, 'L and # stand as L, or with the number of one day (6L, 3#2), and alone');
  }
  return listed(valuesOf(DAY_OF_WEEK, text).map((value) => value - 1));
}
