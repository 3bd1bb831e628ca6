import { type FailureName, METRICS, METRICS_NAMESPACE, type MetricName } from '../../state-machine/metrics';

/** Of metrics that have no error name. */
export type Values = Partial<Record<Exclude<MetricName, FailureName>, number>>;

/** One failure: counted by itself, and by the name of the error. */
export interface Failed {
  as: FailureName;
  errorName: string;
}

/** A dimension's value is printable ASCII, not blank, at most 1,024 characters (CloudWatch API Reference, Dimension). */
const dimension = (text: string): string => text.replace(/[^!-~]/g, '?').slice(0, 256) || 'Error';

/**
 * The members of a log line that CloudWatch makes metrics of: it needs no call and no permission (CloudWatch User Guide,
 * 'Specification: Embedded metric format': at most 100 metrics a directive, of 30 dimensions, in a line of at most 256 KB).
 * A line has one error name at most, because the format takes a dimension's value from the line itself.
 * @param now epoch ms; CloudWatch takes what is at most two weeks old
 * @returns undefined when there is nothing to be counted: a value that is no number would have the whole line rejected
 */
export function embedded(
  now: number,
  deployment: string,
  values: Values,
  failed?: Failed,
): Record<string, unknown> | undefined {
  const counted = Object.entries(values).filter(([, value]) => Number.isFinite(value)) as [MetricName, number][];
  const plain = { Dimensions: [['Deployment']], Metrics: counted.map(([name]) => unitOf(name)) };
  const named = failed && {
    Dimensions: [['Deployment'], ['Deployment', 'ErrorName']],
    Metrics: [unitOf(failed.as)],
  };
  const directives = [...(counted.length > 0 ? [plain] : []), ...(named ? [named] : [])];
  if (directives.length === 0) return undefined;
  return {
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: directives.map((directive) => ({ Namespace: METRICS_NAMESPACE, ...directive })),
    },
    Deployment: dimension(deployment),
    ...Object.fromEntries(counted),
    ...(failed && { ErrorName: dimension(failed.errorName), [failed.as]: 1 }),
  };
}

const unitOf = (Name: MetricName) => ({ Name, Unit: METRICS[Name] });
