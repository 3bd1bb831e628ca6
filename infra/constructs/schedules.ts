import { Aws, Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SCHEDULER_WORDS } from '../../state-machine/schedule';
import type { Arns } from '../arns';
import { may } from '../permissions/permission';
import type { Schedule } from '../scheduleFiles';
import { startToTell } from '../scheduleLint';
import { narrowRole } from './narrowRole';

export interface SchedulesProps {
  deployment: string;
  arns: Arns;
  schedules: Schedule[];
  runScheduled: IFunction;
  /** For what could not be delivered. */
  deadLetters: IQueue;
}

/** What a clock starts: a schedule of EventBridge Scheduler for each file, all of them in a group of the deployment's own. */
export class Schedules extends Construct {
  /** Named like the deployment. */
  readonly group: CfnScheduleGroup;

  constructor(parent: Construct, { deployment, arns, schedules, runScheduled, deadLetters }: SchedulesProps) {
    super(parent, 'Schedules');
    this.group = new CfnScheduleGroup(this, 'Group', { name: deployment });
    const role = narrowRole(this, 'Role', {
      name: `${deployment}-schedules`,
      description: 'As which EventBridge Scheduler calls runScheduled of StepUp',
      service: 'scheduler.amazonaws.com',
      // Of the group, not of each schedule (Scheduler User Guide, 'Confused deputy prevention').
      trusted: {
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnEquals: { 'aws:SourceArn': arns.scheduleGroup },
      },
      permissions: {
        CallRunScheduled: may('lambda:InvokeFunction')
          .on(runScheduled.functionArn)
          .because('Nothing else is scheduled.'),
        KeepFailedEvents: may('sqs:SendMessage').on(arns.deadLetters).because('What could not be delivered is kept.'),
      },
    });
    for (const schedule of schedules) {
      new CfnSchedule(this, schedule.name, {
        ...timingOf(schedule),
        name: schedule.name,
        groupName: this.group.ref,
        description: schedule.description,
        state: schedule.enabled ? 'ENABLED' : 'DISABLED',
        target: {
          arn: runScheduled.functionArn,
          roleArn: role.roleArn,
          // Tokens of the request would be CDK's: there are none, it comes from a file.
          input: Stack.of(this).toJsonString({ ...SCHEDULER_WORDS, request: schedule.request }),
          retryPolicy: {
            maximumEventAgeInSeconds: schedule.retry.maximumAgeMinutes * 60,
            maximumRetryAttempts: schedule.retry.attempts,
          },
          deadLetterConfig: { arn: deadLetters.queueArn },
        },
      });
    }
  }
}

function timingOf(schedule: Schedule) {
  const { schedule: scheduleExpression, timeZone, end: endDate, flexibleWindowMinutes } = schedule;
  return {
    scheduleExpression,
    scheduleExpressionTimezone: timeZone,
    startDate: startToTell(schedule, Date.now()),
    endDate,
    flexibleTimeWindow:
      flexibleWindowMinutes === undefined
        ? { mode: 'OFF' }
        : { mode: 'FLEXIBLE', maximumWindowInMinutes: flexibleWindowMinutes },
  };
}
