import { InvalidExpression } from './invalid';

/** One field of a cron expression, as the page 'Schedule types in EventBridge Scheduler' has it. */
export interface Field {
  name: string;
  least: number;
  most: number;
  /** Stand for `least` and the numbers after it. */
  names?: string[];
  /** Hours alone may run over midnight: EventBridge's own example is `0/30 20-2`. */
  wraps?: true;
  /** The page gives increments for every field but the day of the week. */
  withoutSteps?: true;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

export const MINUTES: Field = { name: 'minutes', least: 0, most: 59 };
export const HOURS: Field = { name: 'hours', least: 0, most: 23, wraps: true };
export const DAY_OF_MONTH: Field = { name: 'day-of-month', least: 1, most: 31 };
export const MONTH: Field = { name: 'month', least: 1, most: 12, names: MONTHS };
export const DAY_OF_WEEK: Field = { name: 'day-of-week', least: 1, most: 7, names: DAYS, withoutSteps: true };
export const YEAR: Field = { name: 'year', least: 1970, most: 2199 };

export const refuse = ({ name }: Pick<Field, 'name'>, text: string, why: string): never => {
  throw new InvalidExpression(`${name} '${text}': ${why}`);
};

/**
 * The values that a field stands for, in order, each once: `*`, or a list of values, ranges and increments.
 * @throws InvalidExpression
 */
export function valuesOf(field: Field, text: string): number[] {
  const parts = text.split(',');
  if (parts.length > 1 && parts.includes('*')) refuse(field, text, '* is every value: it needs no others');
  const values = parts.flatMap((part) => partOf(field, text, part));
  return [...new Set(values)].sort((a, b) => a - b);
}

function partOf(field: Field, text: string, part: string): number[] {
  const [, base = '', stepText] = /^([^/]*)(?:\/(.*))?$/s.exec(part) ?? [];
  const step = stepText === undefined ? undefined : stepOf(field, text, stepText);
  if (base === '*') return series(field.least, field.most, step ?? 1);
  const [first = '', last, ...more] = base.split('-');
  if (more.length > 0) refuse(field, text, `'${base}' is no range; write the first and the last value: 1-5`);
  const from = numberIn(field, text, first);
  if (last === undefined) return step === undefined ? [from] : series(from, field.most, step);
  const to = numberIn(field, text, last);
  if (from <= to) return series(from, to, step ?? 1);
  if (!field.wraps || step !== undefined) {
    refuse(field, text, `'${base}' runs backwards; write two ranges, or a list`);
  }
  return [...series(from, field.most, 1), ...series(field.least, to, 1)];
}

/** One larger than the field would pick the first value only, which can be written as it is. */
function stepOf(field: Field, text: string, step: string): number {
  if (field.withoutSteps) refuse(field, text, `EventBridge Scheduler has no / here; list the days: MON,WED,FRI`);
  const most = field.most - field.least;
  if (/^\d{1,3}$/.test(step) && Number(step) >= 1 && Number(step) <= most) return Number(step);
  return refuse(field, text, `'${step}' is no increment; give a number from 1 to ${most}`);
}

/** @throws InvalidExpression that says what is possible */
export function numberIn(field: Field, text: string, value: string): number {
  const { least, most, names = [] } = field;
  const named = names.indexOf(value.toUpperCase());
  if (named >= 0) return least + named;
  // 05, but not 0005.
  const isNumber = /^\d+$/.test(value) && value.length <= String(most).length;
  if (isNumber && Number(value) >= least && Number(value) <= most) return Number(value);
  const choice = names.length > 0 ? `${least}-${most} or ${names[0]}-${names.at(-1)}` : `${least}-${most}`;
  return refuse(
    field,
    text,
    value === '' ? `a value is missing; there is ${choice}` : `'${value}' is not in ${choice}`,
  );
}

const series = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
