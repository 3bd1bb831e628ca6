import { Aws, Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  MathExpression,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { type FailureName, METRICS_NAMESPACE, type MetricName } from '../../state-machine/metrics';
import { FUNCTION_NAMES } from '../permissions';
import {
  metricOf,
  ofApi,
  ofDeadLetters,
  ofFunction,
  ofMachine,
  ofRule,
  ours,
  type Source,
  type Statistic,
  type Watched,
} from './metrics';

export interface WatchingDashboardProps {
  watched: Watched;
  alarms: IAlarm[];
}

const MINUTES = 5;
const FULL_WIDTH = 24;

/** What a deployment does, on one page: the alarms first, then elevations, restores, leftovers, and the machinery. */
export class WatchingDashboard extends Dashboard {
  constructor(parent: Construct, { watched, alarms }: WatchingDashboardProps) {
    const { deployment } = watched;
    super(parent, 'Dashboard', { dashboardName: deployment, defaultInterval: Duration.days(1) });
    const line = (source: Source, statistic: Statistic = 'Sum', label?: string) =>
      metricOf(source, watched, statistic, MINUTES, label);
    const counts = (...names: MetricName[]) => names.map((name) => line(ours(name)));
    const maxima = (...names: MetricName[]) => names.map((name) => line(ours(name), 'Maximum'));
    const functions = (name: 'Errors' | 'Throttles' | 'Duration', statistic?: Statistic) =>
      FUNCTION_NAMES.map((fn) => line(ofFunction(fn, name), statistic, fn));

    this.addWidgets(new AlarmStatusWidget({ title: deployment, alarms, width: FULL_WIDTH, height: 4 }));
    this.addWidgets(
      graph('Elevations', counts('ElevationsStarted', 'ElevationsRefused', 'ElevationsSucceeded', 'ElevationsFailed')),
      graph('Refused, by error', [byError(deployment, 'ElevationsRefused')]),
      graph('Failed, by error', [byError(deployment, 'ElevationsFailed'), byError(deployment, 'RestoreFailed')]),
    );
    this.addWidgets(
      graph(
        'Restores',
        counts('RestoreAttempts', 'RestoreErrors', 'ElevationsRestored', 'ElevationsSuperseded', 'RestoreFailed'),
      ),
      graph('Seconds of restoring', maxima('RestoringSeconds')),
      graph('Seconds elevated', [line(ours('SecondsElevated'), 'p90', 'p90'), ...maxima('SecondsElevated')]),
    );
    this.addWidgets(
      graph('Recoveries', counts('RecoveriesStarted', 'RecoveriesRepeated', 'ElevationsRecovered', 'RecordTampered')),
      graph('Temp roles', maxima('Roles', 'Draining', 'RecordsPastExpiry'), maxima('RolesUsedPercent')),
      graph('Sweep', counts('SweepFinished', 'Deleted', 'Stripped', 'Stopped', 'Orphans', 'Unexplained', 'Left')),
    );
    this.addWidgets(
      graph('Errors of functions', functions('Errors'), [byError(deployment, 'UnexpectedErrors')]),
      graph('Throttles of functions', functions('Throttles')),
      graph('Milliseconds of functions', functions('Duration', 'p90')),
    );
    this.addWidgets(
      graph('Elevation machine', executions('elevation', line)),
      graph('Recovery machine', executions('recovery', line)),
      graph('Events that did not arrive', [
        line(ofDeadLetters('ApproximateNumberOfMessagesVisible'), 'Maximum', 'dead letters'),
        line(ofRule('recover', 'FailedInvocations'), 'Sum', 'not delivered to recover'),
        line(ofRule('sweep', 'FailedInvocations'), 'Sum', 'not delivered to sweep'),
        line(ofRule('recover', 'InvocationsFailedToBeSentToDlq'), 'Sum', 'lost for recover'),
        line(ofRule('sweep', 'InvocationsFailedToBeSentToDlq'), 'Sum', 'lost for sweep'),
      ]),
    );
    this.addWidgets(
      graph('Requests to the API', [line(ofApi('Count'), 'Sum', 'requests')]),
      graph('Errors of the API', [line(ofApi('4XXError'), 'Sum', '4xx'), line(ofApi('5XXError'), 'Sum', '5xx')]),
      graph('Milliseconds of the API', [line(ofApi('Latency'), 'p90', 'p90')]),
    );
    this.addWidgets(graph('Schedules', counts('ScheduledStarts'), [byError(deployment, 'ScheduledStartsFailed')]));
    this.addWidgets(graph('Schedules', counts('ScheduledStarts'), [byError(deployment, 'ScheduledStartsFailed')]));
  }
}

const graph = (title: string, left: IMetric[], right: IMetric[] = []): IWidget =>
  new GraphWidget({ title, left, right, width: FULL_WIDTH / 3, height: 6, leftYAxis: { min: 0 } });

const executions = (kind: 'elevation' | 'recovery', line: (source: Source) => IMetric) =>
  (['Started', 'Succeeded', 'Failed', 'TimedOut', 'Aborted'] as const).map((end) =>
    line(ofMachine(kind, `Executions${end}`)),
  );

/** One line for each error name that there was: a search, because names that never came have no metric. */
const byError = (deployment: string, name: FailureName): IMetric => {
  const which = `{${METRICS_NAMESPACE},Deployment,ErrorName} MetricName="${name}" Deployment="${deployment}"`;
  return new MathExpression({
    expression: `SEARCH('${which}', 'Sum', ${MINUTES * 60})`,
    label: "${PROP('Dim.ErrorName')}",
    searchRegion: Aws.REGION,
    period: Duration.minutes(MINUTES),
  });
};
