import type { ScheduleDefinition } from '../../../../local/world';
import { answers, type Chain, denied, type Last, refuses, TIME } from '../example';

const HERE = 'arn:aws:scheduler:us-east-1:123456789012:schedule';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:acme-runScheduled';
const ROLE = 'arn:aws:iam::123456789012:role/acme-schedules';
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:acme-dead-letters';
const INPUT = '{"schedule":"<aws.scheduler.schedule-arn>"}';

const nightly: ScheduleDefinition = {
  name: 'nightly',
  group: 'acme',
  description: 'Über Nacht',
  expression: 'cron(30 2 * * ? *)',
  timeZone: 'Europe/Berlin',
  start: Date.UTC(2199, 0, 1),
  end: Date.UTC(2199, 11, 31),
  enabled: true,
  windowMinutes: 15,
  target: {
    arn: FUNCTION,
    roleArn: ROLE,
    input: INPUT,
    retry: { maximumAge: 3_600_000, maximumAttempts: 5 },
    deadLetters: QUEUE,
  },
};
const off: ScheduleDefinition = {
  name: 'off.1',
  group: 'acme',
  expression: 'rate(1 days)',
  timeZone: 'UTC',
  enabled: false,
  target: { arn: FUNCTION, roleArn: ROLE, input: INPUT, retry: { maximumAge: 86_400_000, maximumAttempts: 185 } },
};

const summary = ({ name, group, enabled }: ScheduleDefinition) => ({
  Arn: `${HERE}/${group}/${name}`,
  Name: name,
  GroupName: group,
  State: enabled ? 'ENABLED' : 'DISABLED',
  CreationDate: TIME,
  LastModificationDate: TIME,
  Target: { Arn: FUNCTION },
});

export const scheduler: Chain = {
  service: 'scheduler',
  seed: async ({ scheduler: room }) => {
    room.putGroup('acme');
    for (const schedule of [nightly, off]) room.putSchedule(schedule);
    room.putSchedule({ ...off, group: 'default', name: 'elsewhere' });
  },
  examples: [
    answers(
      'ListSchedules',
      {},
      { Schedules: [nightly, off, { ...off, group: 'default', name: 'elsewhere' }].map(summary) },
    ),
    answers('ListSchedules', { GroupName: 'acme', State: 'DISABLED' }, { Schedules: [summary(off)] }),
    answers('ListSchedules', { NamePrefix: 'night' }, { Schedules: [summary(nightly)] }),
    answers(
      'ListSchedules',
      { GroupName: 'acme', MaxResults: 1 },
      { Schedules: [summary(nightly)], NextToken: '(opaque)' },
    ),
    answers(
      'ListSchedules',
      (last: Last) => ({ GroupName: 'acme', MaxResults: 1, NextToken: last('ListSchedules').NextToken }),
      { Schedules: [summary(off)] },
    ),
    refuses('ListSchedules', { GroupName: 'none' }, 'ResourceNotFoundException'),
    refuses('ListSchedules', { NextToken: 'none' }, 'ValidationException'),
    denied('scheduler', 'ListSchedules'),
    answers(
      'GetSchedule',
      { GroupName: 'acme', Name: 'nightly' },
      {
        Arn: `${HERE}/acme/nightly`,
        GroupName: 'acme',
        Name: 'nightly',
        ScheduleExpression: 'cron(30 2 * * ? *)',
        ScheduleExpressionTimezone: 'Europe/Berlin',
        StartDate: TIME,
        EndDate: TIME,
        Description: 'Über Nacht',
        State: 'ENABLED',
        CreationDate: TIME,
        LastModificationDate: TIME,
        Target: {
          Arn: FUNCTION,
          RoleArn: ROLE,
          Input: INPUT,
          RetryPolicy: { MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 5 },
          DeadLetterConfig: { Arn: QUEUE },
        },
        FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
        ActionAfterCompletion: 'NONE',
      },
    ),
    answers(
      'GetSchedule',
      { Name: 'elsewhere' },
      {
        Arn: `${HERE}/default/elsewhere`,
        GroupName: 'default',
        Name: 'elsewhere',
        ScheduleExpression: 'rate(1 days)',
        ScheduleExpressionTimezone: 'UTC',
        State: 'DISABLED',
        CreationDate: TIME,
        LastModificationDate: TIME,
        Target: {
          Arn: FUNCTION,
          RoleArn: ROLE,
          Input: INPUT,
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        },
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'NONE',
      },
    ),
    refuses(
      'GetSchedule',
      { GroupName: 'acme', Name: 'none' },
      'ResourceNotFoundException',
      'Schedule none does not exist.',
    ),
    refuses('GetSchedule', { GroupName: 'acme', Name: 'elsewhere' }, 'ResourceNotFoundException'),
    denied('scheduler', 'GetSchedule', { GroupName: 'acme', Name: 'nightly' }),
  ],
};
