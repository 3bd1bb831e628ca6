import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ofType, plain, synth } from './synth';

/** How a runbook says it: a number that is none of these is a new one, and needs its words here. */
const TIMES: Record<number, string> = { 2: 'twice', 3: 'three times', 5: 'five times' };
const WITHIN: Record<number, string> = { 5: 'five minutes', 15: 'fifteen minutes', 60: 'an hour' };

interface Rings {
  when: string;
  threshold: number;
  minutes: number;
}

// biome-ignore lint/suspicious/noExplicitAny: properties of a template
type Json = any;

/** As CloudWatch is told it: a plain metric, or an expression over metrics of one period. */
function ringsOf({
  Threshold,
  ComparisonOperator,
  EvaluationPeriods,
  DatapointsToAlarm,
  Period,
  Metrics,
}: Json): Rings {
  const periods: number[] = Period ? [Period] : Metrics.flatMap(({ MetricStat }: Json) => MetricStat?.Period ?? []);
  expect(new Set(periods).size).toBe(1);
  expect([EvaluationPeriods, DatapointsToAlarm ?? 1]).toEqual([1, 1]);
  return { when: ComparisonOperator, threshold: Threshold, minutes: periods[0]! / 60 };
}

const alarms = ofType(synth(), 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => {
  const { AlarmName, ...alarm } = plain(Properties);
  return { name: AlarmName.slice(AlarmName.lastIndexOf('-') + 1) as string, ...ringsOf(alarm) };
});

const RUNBOOK = readFileSync(join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
const meansOf = (name: string): string => {
  const [, entry = ''] = RUNBOOK.split(`\n### ${name}\n`);
  return /\*\*Means:\*\* (.*?)\*\*Look:\*\*/s.exec(entry)?.[1] ?? '';
};

/** What happens once is one too many; five minutes are the shortest in which what CloudWatch takes for late arrives. */
const AT_ONCE: Rings = { when: 'GreaterThanOrEqualToThreshold', threshold: 1, minutes: 5 };
/** Sweep says it every 15 minutes: two of its turns. */
const OF_SWEEP: Rings = { ...AT_ONCE, minutes: 30 };

/** When each rings, and if not at once, why and how its entry says it. */
const PINNED: Record<string, Rings & { says?: string; because?: string }> = {
  RestoreFailed: AT_ONCE,
  RestoringLong: {
    ...OF_SWEEP,
    when: 'GreaterThanThreshold',
    threshold: 600,
    because: 'in seconds: a swap takes one or two minutes, a reboot five',
    says: 'more than ten minutes',
  },
  RecoveryRepeated: AT_ONCE,
  RecordTampered: AT_ONCE,
  RecordPastExpiry: OF_SWEEP,
  Unexplained: OF_SWEEP,
  RolesNearQuota: {
    ...OF_SWEEP,
    threshold: 70,
    because: 'in percent: the rest lasts until AWS has raised the quota',
    says: 'at least 70 %',
  },
  SweepSilent: {
    when: 'LessThanThreshold',
    threshold: 1,
    minutes: 60,
    because: 'four turns: one that fails is nothing yet',
    says: 'for an hour',
  },
  DeadLetters: AT_ONCE,
  RestoreErrors: { ...AT_ONCE, threshold: 3, minutes: 15, because: "one error may be AWS's" },
  RestoreCrashes: { ...AT_ONCE, threshold: 5, minutes: 15, because: "Lambda's count is ahead of what a log tells" },
  RecoverErrors: { ...AT_ONCE, threshold: 2, minutes: 15, because: "one error may be AWS's" },
  SweepErrors: { ...AT_ONCE, threshold: 2, minutes: 60, because: 'four turns an hour' },
  ScheduleNotStarted: AT_ONCE,
  GuardErrors: AT_ONCE,
  ApiErrors: { ...AT_ONCE, threshold: 5, minutes: 15, because: "one error may be AWS's, and whoever asked asks again" },
  UnexpectedErrors: AT_ONCE,
  RestoreThrottled: { ...AT_ONCE, threshold: 5, because: 'a few wait for one another, and nothing is lost' },
  RecoveryFailed: AT_ONCE,
  RecoveryTimedOut: AT_ONCE,
  RecoveryAborted: AT_ONCE,
};

test('every alarm is pinned', () => expect(alarms.map(({ name }) => name)).toEqual(Object.keys(PINNED)));

describe.each(alarms)('$name', ({ name, ...rings }) => {
  const { says, because, ...pinned } = PINNED[name] ?? {};

  test('rings when it is to', () => {
    expect(rings).toEqual(pinned);
    const atOnce = [AT_ONCE, OF_SWEEP].some((one) => JSON.stringify(one) === JSON.stringify(pinned));
    expect(because === undefined).toBe(atOnce);
  });

  test('and the runbook says so', () => {
    const counted = rings.threshold > 1 && !says;
    const phrase = counted ? `${TIMES[rings.threshold]} within ${WITHIN[rings.minutes]}` : (says ?? '');
    expect(meansOf(name).length).toBeGreaterThan(20);
    expect(meansOf(name)).toContain(phrase);
    // What rings at once promises no count.
    if (!counted) expect(meansOf(name)).not.toMatch(/(twice|times) within/);
  });
});
