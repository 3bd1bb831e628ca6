import { GetSchedule$, type GetScheduleInput, type GetScheduleOutput } from '@aws-sdk/client-scheduler';
import { type Operation, operation, type World } from '../../world';
import { scheduleArn } from '../deliver';
import { notFound, type Schedule, type Store } from '../store';

const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms));

/** With the defaults filled in (aws-facts-2 16.3). */
function shown(world: World, { definition, created, modified }: Schedule): GetScheduleOutput {
  const { name, group, description, expression, timeZone, start, end, enabled, windowMinutes, target } = definition;
  return {
    Arn: scheduleArn(world, definition),
    GroupName: group,
    Name: name,
    ScheduleExpression: expression,
    ScheduleExpressionTimezone: timeZone,
    StartDate: date(start),
    EndDate: date(end),
    Description: description,
    State: enabled ? 'ENABLED' : 'DISABLED',
    CreationDate: date(created),
    LastModificationDate: date(modified),
    Target: {
      Arn: target.arn,
      RoleArn: target.roleArn,
      Input: target.input,
      RetryPolicy: {
        MaximumEventAgeInSeconds: target.retry.maximumAge / 1_000,
        MaximumRetryAttempts: target.retry.maximumAttempts,
      },
      ...(target.deadLetters && { DeadLetterConfig: { Arn: target.deadLetters } }),
    },
    FlexibleTimeWindow:
      windowMinutes === undefined ? { Mode: 'OFF' } : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: windowMinutes },
    ActionAfterCompletion: 'NONE',
  };
}

export const getSchedule = (store: Store): Operation =>
  operation<GetScheduleInput, GetScheduleOutput>(
    'scheduler',
    GetSchedule$,
    'partial: of schedules that call a Lambda function',
    ({ world, input, authorize }) => {
      const { Name: name = '', GroupName: group = 'default' } = input;
      const { partition, region, account } = world;
      authorize('scheduler:GetSchedule', `arn:${partition}:scheduler:${region}:${account}:schedule/${group}/${name}`);
      const found = store.get({ group, name });
      if (!found) throw notFound(`Schedule ${name}`);
      return shown(world, found);
    },
  );
