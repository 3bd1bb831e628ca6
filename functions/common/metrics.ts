/**
 * A log line that CloudWatch makes metrics of (its embedded metric format): it needs no call and no permission.
 * @param metrics counts, by name
 */
export const metricsLine = (now: number, deployment: string, metrics: Record<string, number>): string =>
  JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: 'StepUp',
          Dimensions: [['Deployment']],
          Metrics: Object.keys(metrics).map((Name) => ({ Name, Unit: 'Count' })),
        },
      ],
    },
    Deployment: deployment,
    ...metrics,
  });
