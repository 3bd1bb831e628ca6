import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmRow } from './alarms';
import { metricOf, type Watched } from './metrics';

/**
 * What an alarm compares with its threshold. Where silence breaches it is filled: CloudWatch takes data for missing only
 * when there has been none for several periods, so that an hour's silence would be told after three (User Guide, 'How alarm
 * state is evaluated when data is missing'). Also what is taken off, for without FILL that would make the whole missing.
 * Unconfirmed: that FILL fills what nobody has ever written.
 */
export function comparedBy({ metric, without = [], statistic, minutes, silence }: AlarmRow, watched: Watched): IMetric {
  const all = metricOf(metric, watched, statistic, minutes);
  if (silence !== 'breaching' && without.length === 0) return all;
  const taken = without.map(
    (source, index) => [`less${index}`, metricOf(source, watched, statistic, minutes)] as const,
  );
  const whole = silence === 'breaching' ? 'FILL(all, 0)' : 'all';
  return new MathExpression({
    expression: [whole, ...taken.map(([id]) => `FILL(${id}, 0)`)].join(' - '),
    usingMetrics: { all, ...Object.fromEntries(taken) },
    label: metric.metricName,
    period: Duration.minutes(minutes),
  });
}
