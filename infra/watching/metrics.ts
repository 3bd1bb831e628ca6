import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS_NAMESPACE, type MetricName } from '../../state-machine/metrics';
import { STAGE } from '../constructs/apiStage';
import type { FunctionName } from '../permissions';

/** What alarms and dashboard watch. */
export interface Watched {
  deployment: string;
  functionName(name: FunctionName): string;
  machineArn(kind: 'elevation' | 'recovery'): string;
  ruleName(of: 'recover' | 'sweep'): string;
  deadLetters: string;
  apiName: string;
}

/** A metric, whatever is done with it. */
export interface Source {
  namespace: string;
  metricName: string;
  dimensions(watched: Watched): Record<string, string>;
}

export type Statistic = 'Sum' | 'Maximum' | 'Minimum' | 'Average' | 'p90';

/** One that our functions write. */
export const ours = (metricName: MetricName): Source => ({
  namespace: METRICS_NAMESPACE,
  metricName,
  dimensions: ({ deployment }) => ({ Deployment: deployment }),
});

/** Lambda's, of all versions of a function together. */
export const ofFunction = (name: FunctionName, metricName: 'Errors' | 'Throttles' | 'Duration'): Source => ({
  namespace: 'AWS/Lambda',
  metricName,
  dimensions: ({ functionName }) => ({ FunctionName: functionName(name) }),
});

export const ofMachine = (
  kind: 'elevation' | 'recovery',
  metricName: `Executions${'Started' | 'Succeeded' | 'Failed' | 'TimedOut' | 'Aborted'}`,
): Source => ({
  namespace: 'AWS/States',
  metricName,
  dimensions: ({ machineArn }) => ({ StateMachineArn: machineArn(kind) }),
});

export const ofRule = (
  of: 'recover' | 'sweep',
  metricName: 'FailedInvocations' | 'InvocationsFailedToBeSentToDlq',
): Source => ({
  namespace: 'AWS/Events',
  metricName,
  dimensions: ({ ruleName }) => ({ RuleName: ruleName(of) }),
});

export const ofDeadLetters = (metricName: 'ApproximateNumberOfMessagesVisible'): Source => ({
  namespace: 'AWS/SQS',
  metricName,
  dimensions: ({ deadLetters }) => ({ QueueName: deadLetters }),
});

/** Of the API's stage, by the name of the API. */
export const ofApi = (metricName: 'Count' | '4XXError' | '5XXError' | 'Latency'): Source => ({
  namespace: 'AWS/ApiGateway',
  metricName,
  dimensions: ({ apiName }) => ({ ApiName: apiName, Stage: STAGE }),
});

/** @param label what a graph calls it; default: its own name */
export const metricOf = (
  { namespace, metricName, dimensions }: Source,
  watched: Watched,
  statistic: Statistic,
  minutes: number,
  label?: string,
): Metric =>
  new Metric({
    namespace,
    metricName,
    dimensionsMap: dimensions(watched),
    statistic,
    period: Duration.minutes(minutes),
    label,
  });
