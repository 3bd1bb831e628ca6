import { describe, expect, test } from '@jest/globals';
import { isTimeZone, nextOccurrences, parseExpression, wallText } from '../../calendar';

/** In UTC, to the minute. */
const due = (text: string, after: string, count = 3, more: object = {}) =>
  nextOccurrences({ expression: parseExpression(text), timeZone: 'UTC', ...more }, Date.parse(after), count).map(
    (time) => new Date(time).toISOString().slice(0, 16),
  );

describe("examples of AWS's pages", () => {
  test.each<[string, string, string[]]>([
    ['cron(0 10 * * ? *)', '2026-01-01T10:00Z', ['2026-01-02T10:00', '2026-01-03T10:00']],
    ['cron(0 18 ? * MON-FRI *)', '2026-11-20T18:00Z', ['2026-11-23T18:00', '2026-11-24T18:00']],
    ['cron(0 8 1 * ? *)', '2026-01-01T08:00Z', ['2026-02-01T08:00', '2026-03-01T08:00']],
    ['cron(0/15 * * * ? *)', '2026-01-01T00:44:59Z', ['2026-01-01T00:45', '2026-01-01T01:00']],
    ['cron(1/10 0 * * ? *)', '2026-01-01T00:00Z', ['2026-01-01T00:01', '2026-01-01T00:11']],
    ['cron(0/5 8-17 ? * MON-FRI *)', '2026-11-20T17:50Z', ['2026-11-20T17:55', '2026-11-23T08:00']],
    ['cron(0 9 ? * 3#2 *)', '2026-01-01T00:00Z', ['2026-01-13T09:00', '2026-02-10T09:00']],
    ['cron(15 10 ? * 6L 2026-2027)', '2026-11-01T00:00Z', ['2026-11-27T10:15', '2026-12-25T10:15']],
    ['cron(0 0 3W * ? *)', '2026-01-01T00:00Z', ['2026-01-02T00:00', '2026-02-03T00:00']],
    ['cron(0 0 L * ? *)', '2028-02-01T00:00Z', ['2028-02-29T00:00', '2028-03-31T00:00']],
    ['cron(0 0 ? * L *)', '2026-11-22T00:00Z', ['2026-11-28T00:00', '2026-12-05T00:00']],
    ['cron(0/30 20-2 ? * MON-FRI *)', '2026-11-20T23:00Z', ['2026-11-20T23:30', '2026-11-23T00:00']],
    ['cron(0 0 1 JAN,jul ? *)', '2026-01-01T00:00Z', ['2026-07-01T00:00', '2027-01-01T00:00']],
    ['cron(00 05 * * ? *)', '2026-01-01T06:00Z', ['2026-01-02T05:00', '2026-01-03T05:00']],
    ['cron(0  10 * * ? *)', '2026-01-01T10:00Z', ['2026-01-02T10:00', '2026-01-03T10:00']],
    ['cron(0 0 ? 2 1#5 *)', '2026-01-01T00:00Z', ['2032-02-29T00:00', '2060-02-29T00:00']],
    ['rate(2 hour)', '2026-01-01T00:00Z', ['2026-01-01T02:00', '2026-01-01T04:00']],
    ['rate(5 minutes)', '2026-01-01T00:00Z', ['2026-01-01T00:05', '2026-01-01T00:10']],
    ['rate(1 minutes)', '2026-01-01T00:00Z', ['2026-01-01T00:01', '2026-01-01T00:02']],
    ['at(2026-11-20T13:00:00)', '2026-01-01T00:00Z', ['2026-11-20T13:00']],
  ])('%s', (text, after, times) => expect(due(text, after, 2)).toEqual(times));

  test('every field has its limits', () => {
    expect(due('cron(59 23 31 12 ? 2199)', '2026-01-01T00:00Z')).toEqual(['2199-12-31T23:59']);
    expect(due('cron(0-59 0-23 ? 1-12 1-7 1970-2199)', '1969-12-31T23:59Z', 1)).toEqual(['1970-01-01T00:00']);
  });
});

describe('refused, with field and reason:', () => {
  test.each([
    ['cron(60 * * * ? *)', /^minutes '60': '60' is not in 0-59/],
    ['cron(0 24 * * ? *)', /^hours '24': '24' is not in 0-23/],
    ['cron(0 0 0 * ? *)', /^day-of-month '0'.*1-31/],
    ['cron(0 0 1 13 ? *)', /^month '13'.*1-12 or JAN-DEC/],
    ['cron(0 0 1 JANUARY ? *)', /^month 'JANUARY'/],
    ['cron(0 0 ? * 0 *)', /^day-of-week '0'.*1-7 or SUN-SAT/],
    ['cron(0 0 ? * 8 *)', /^day-of-week '8'/],
    ['cron(0 0 1 * ? 1969)', /^year '1969'.*1970-2199/],
    ['cron(0 0 1 * ? 2200)', /^year '2200'/],
    ['cron(0 0 * * * *)', /one of them must be '\?'/],
    ['cron(0 0 1 * MON *)', /one of them must be '\?'/],
    ['cron(0 0 ? * ? *)', /both '\?'/],
    ['cron(? 0 1 * ? *)', /^minutes '\?'/],
    ['cron(0 0 1 * ?)', /^year: is missing/],
    ['cron(0 0 * * *)', /^year: is missing/],
    ['cron(0 0 1 * ? * *)', /has six fields/],
    ['cron( 0 0 1 * ? *)', /has six fields/],
    ['cron(0 0 ? * MON/2 *)', /^day-of-week 'MON\/2': EventBridge Scheduler has no \//],
    ['cron(0 0 ? * FRI-MON *)', /^day-of-week 'FRI-MON': .*runs backwards/],
    ['cron(50-10 0 * * ? *)', /^minutes '50-10': .*runs backwards/],
    ['cron(0 20-2/2 * * ? *)', /^hours '20-2\/2': .*runs backwards/],
    ['cron(*/0 * * * ? *)', /^minutes '\*\/0': '0' is no increment/],
    ['cron(*/60 * * * ? *)', /^minutes '\*\/60': '60' is no increment/],
    ['cron(*,5 * * * ? *)', /^minutes '\*,5': \* is every value/],
    ['cron(1, * * * ? *)', /^minutes '1,': a value is missing/],
    ['cron(1--5 * * * ? *)', /^minutes '1--5'/],
    ['cron(-5 * * * ? *)', /^minutes '-5'/],
    ['cron(1.5 * * * ? *)', /^minutes '1.5'/],
    ['cron(0 0 LW * ? *)', /^day-of-month 'LW'/],
    ['cron(0 0 L-3 * ? *)', /^day-of-month 'L-3'/],
    ['cron(0 0 1W * ? *)', /^day-of-month '1W'.*another month/],
    ['cron(0 0 31W * ? *)', /^day-of-month '31W'.*another month/],
    ['cron(0 0 3W,15W * ? *)', /^day-of-month '3W,15W'/],
    ['cron(0 0 W * ? *)', /^day-of-month 'W'/],
    ['cron(0 0 1-5W * ? *)', /^day-of-month '1-5W'/],
    ['cron(0 0 ? * 3#1,6#3 *)', /^day-of-week '3#1,6#3'/],
    ['cron(0 0 ? * 3#6 *)', /^day-of-week '3#6': .*#1 to #5/],
    ['cron(0 0 ? * TUE#2 *)', /^day-of-week 'TUE#2'/],
    ['cron(0 0 ? * FRIL *)', /^day-of-week 'FRIL'/],
    ['cron(0 0 ? * 15W *)', /^day-of-week '15W'/],
    ['cron(0005 0 1 * ? *)', /^minutes '0005'/],
    ['cron(0 0 1 NOV-FEB ? *)', /^month 'NOV-FEB': .*runs backwards/],
    ['cron(0 0 l * ? *)', /^day-of-month 'l'/],
    ['cron(0 0 ? * L,2 *)', /^day-of-week 'L,2'/],
    ['cron(0 0 1 * ? 26)', /^year '26'/],
    ['cron(0/15/2 0 1 * ? *)', /^minutes '0\/15\/2'/],
    ['rate(1 Hour)', /^rate:/],
    ['rate(1 week)', /^rate:/],
    ['at(2026-02-28T10:00:60)', /^at:/],
    ['rate(0 minutes)', /greater than 0/],
    ['rate(-5 minutes)', /^rate:/],
    ['rate(1.5 hours)', /^rate:/],
    ['rate(5 seconds)', /^rate:/],
    ['rate(5minutes)', /^rate:/],
    ['cron(0\t0 1 * ? *)', /other white space between its fields than blanks/],
    ['rate(99999999999999999 days)', /beyond every calendar/],
    ['rate(99999999 days)', /beyond every calendar/],
    ['at(2026-02-30T10:00:00)', /^at:/],
    ['at(2026-02-28T24:00:00)', /^at:/],
    ['at(2026-02-28T10:00:00Z)', /^at:/],
    ['at(2026-02-28 10:00:00)', /^at:/],
    ['at(2026-02-28T10:00)', /^at:/],
    ['CRON(0 10 * * ? *)', /is none of/],
    ['0 10 * * ? *', /is none of/],
    ['cron(0 10 * * ? *) ', /is none of/],
    ['', /is none of/],
    [`cron(${'0,'.repeat(200)}0 10 * * ? *)`, /256/],
  ])('%s', (text, why) => expect(() => parseExpression(text)).toThrow(why));
});

describe('where clocks are changed', () => {
  const inZone = (timeZone: string, text: string, after: string, count = 2) => due(text, after, count, { timeZone });

  test("AWS's own example: skipped in spring, once before the change in autumn", () => {
    const daily = 'cron(30 2 * * ? *)';
    expect(inZone('America/Los_Angeles', daily, '2026-03-07T00:00Z')).toEqual(['2026-03-07T10:30', '2026-03-09T09:30']);
    expect(inZone('America/Los_Angeles', 'cron(30 1 * * ? *)', '2026-10-31T12:00Z')).toEqual([
      '2026-11-01T08:30',
      '2026-11-02T09:30',
    ]);
  });

  test('half an hour on Lord Howe Island', () => {
    expect(inZone('Australia/Lord_Howe', 'cron(15 2 * * ? *)', '2026-10-02T12:00Z')).toEqual([
      '2026-10-02T15:45',
      '2026-10-04T15:15',
    ]);
  });

  test('a day that Samoa left out', () => {
    expect(inZone('Pacific/Apia', 'cron(0 12 * * ? *)', '2011-12-29T12:00Z')).toEqual([
      '2011-12-29T22:00',
      '2011-12-30T22:00',
    ]);
    expect(inZone('Pacific/Apia', 'cron(0 12 30 12 ? 2011)', '2011-01-01T00:00Z')).toEqual([]);
  });

  test('a rate of days is 24 hours', () => {
    const start = Date.parse('2026-03-28T12:00Z');
    expect(due('rate(1 day)', '2026-03-28T12:00Z', 2, { timeZone: 'Europe/Berlin', start })).toEqual([
      '2026-03-29T12:00',
      '2026-03-30T12:00',
    ]);
  });
});

describe('start and end', () => {
  const window = { start: Date.parse('2026-02-01T10:00Z'), end: Date.parse('2026-02-03T10:00Z') };

  test('are both within', () => {
    expect(due('cron(0 10 * * ? *)', '2026-01-01T00:00Z', 9, window)).toEqual([
      '2026-02-01T10:00',
      '2026-02-02T10:00',
      '2026-02-03T10:00',
    ]);
  });

  test('a rate counts from its start, the start being the first', () => {
    expect(due('rate(1 day)', '2026-01-01T00:00Z', 9, window)).toHaveLength(3);
    expect(due('rate(7 hours)', '2026-02-01T23:00Z', 1, window)).toEqual(['2026-02-02T00:00']);
  });

  test('at(…) knows neither', () => {
    expect(due('at(2027-01-01T00:00:00)', '2026-01-01T00:00Z', 1, window)).toEqual(['2027-01-01T00:00']);
  });
});

test('what is never due is never found', () => {
  expect(due('cron(0 0 30 2 ? *)', '1970-01-01T00:00Z')).toEqual([]);
  expect(due('cron(0 0 31 4,6,9,11 ? *)', '1970-01-01T00:00Z')).toEqual([]);
  expect(due('cron(0 0 1 * ? 2020)', '2026-01-01T00:00Z')).toEqual([]);
});

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Asia/Kolkata', true],
  ['US/Pacific', true],
  ['Etc/GMT+5', true],
  ['europe/berlin', false],
  ['+05:00', false],
  ['Europe/Berlim', false],
  ['', false],
])('%s is a time zone: %s', (name, is) => expect(isTimeZone(name)).toBe(is));

test('a time as the clocks of its zone show it', () => {
  const time = Date.parse('2026-03-29T01:30:00Z');
  expect(wallText(time, 'Europe/Berlin')).toBe('Sun 2026-03-29 03:30 +02:00');
  expect(wallText(time, 'America/St_Johns')).toBe('Sat 2026-03-28 23:00 -02:30');
});
