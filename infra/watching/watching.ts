import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import type { Arns } from '../arns';
import type { Settings } from '../config';
import type { Nets } from '../constructs/nets';
import type { StepUp } from '../stepUp';
import { ALARMS, type AlarmRow } from './alarms';
import { AlarmTopic } from './alarmTopic';
import { comparedBy } from './compared';
import { WatchingDashboard } from './dashboard';
import type { Watched } from './metrics';

export interface WatchingProps {
  stepUp: Pick<StepUp, 'deployment' | 'functions' | 'deadLetters' | 'api'>;
  arns: Arns;
  nets: Nets;
  settings: Pick<Settings, 'alarmEmail' | 'runbookUrl'>;
}

const OPERATORS: Record<AlarmRow['when'], ComparisonOperator> = {
  '>=': ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  '>': ComparisonOperator.GREATER_THAN_THRESHOLD,
  '<': ComparisonOperator.LESS_THAN_THRESHOLD,
};
const SILENCES: Record<AlarmRow['silence'], TreatMissingData> = {
  fine: TreatMissingData.NOT_BREACHING,
  breaching: TreatMissingData.BREACHING,
  ignore: TreatMissingData.IGNORE,
};

/** Alarms, whom they tell, and the dashboard. */
export class Watching extends Construct {
  readonly topic: AlarmTopic;

  constructor(parent: Construct, id: string, { stepUp, arns, nets, settings }: WatchingProps) {
    super(parent, id);
    const { alarmEmail, runbookUrl } = settings;
    const watched: Watched = {
      deployment: stepUp.deployment,
      functionName: (name) => stepUp.functions[name].functionName,
      // By name: what watches outlives the elevation machine when the stack is deleted.
      machineArn: (kind) => arns[kind].machine,
      ruleName: (of) => ({ recover: nets.broken, sweep: nets.sweeping })[of].ruleName,
      deadLetters: stepUp.deadLetters.queueName,
      apiName: stepUp.api.restApiName,
    };
    this.topic = new AlarmTopic(this, { deployment: watched.deployment, email: alarmEmail });
    const action = new SnsAction(this.topic);
    const alarms = Object.entries<AlarmRow>(ALARMS).map(([name, row]) => {
      const alarm = new Alarm(this, name, {
        alarmName: `${watched.deployment}-${name}`,
        alarmDescription: `${row.means} What to do: ${runbookUrl}#${name.toLowerCase()}`,
        metric: comparedBy(row, watched),
        comparisonOperator: OPERATORS[row.when],
        threshold: row.threshold,
        evaluationPeriods: 1,
        treatMissingData: SILENCES[row.silence],
      });
      alarm.addAlarmAction(action);
      if (row.tellsEnd) alarm.addOkAction(action);
      return alarm;
    });
    new WatchingDashboard(this, { watched, alarms });
  }
}
