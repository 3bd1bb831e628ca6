import type { ScheduleDefinition } from '../world';
import { arn, type Context, type Kind, type Properties } from './kinds';

const group: Kind = {
  replacedBy: ['Name'],
  create: ({ world, name: generated }, { Name: name = generated }) => {
    world.scheduler.putGroup(name);
    return { ref: name, attributes: { Arn: arn(world, 'scheduler', `schedule-group/${name}`) } };
  },
  // Its tags have no effect.
  update: (_, existing) => existing,
  remove: ({ world }, { ref }) => world.scheduler.removeGroup(ref),
};

const schedule: Kind = {
  replacedBy: ['Name', 'GroupName'],
  create: ({ world, name: generated }, properties) => {
    const definition = definitionOf(generated, properties);
    world.scheduler.putSchedule(definition);
    const { name, group: inGroup } = definition;
    return { ref: name, attributes: { Arn: arn(world, 'scheduler', `schedule/${inGroup}/${name}`) } };
  },
  remove: ({ world }: Context, { ref, properties }) =>
    world.scheduler.removeSchedule(properties.GroupName ?? 'default', ref),
};

/** CloudFormation's defaults are Scheduler's own. */
function definitionOf(generated: string, properties: Properties): ScheduleDefinition {
  const { Name: name = generated, GroupName: inGroup = 'default', Target, StartDate, EndDate } = properties;
  const { MaximumEventAgeInSeconds: seconds = 86_400, MaximumRetryAttempts: attempts = 185 } = Target.RetryPolicy ?? {};
  return {
    name,
    group: inGroup,
    description: properties.Description,
    expression: properties.ScheduleExpression,
    timeZone: properties.ScheduleExpressionTimezone ?? 'UTC',
    ...(StartDate && { start: Date.parse(StartDate) }),
    ...(EndDate && { end: Date.parse(EndDate) }),
    enabled: properties.State !== 'DISABLED',
    ...(properties.FlexibleTimeWindow.Mode === 'FLEXIBLE' && {
      windowMinutes: properties.FlexibleTimeWindow.MaximumWindowInMinutes,
    }),
    target: {
      arn: Target.Arn,
      roleArn: Target.RoleArn,
      input: Target.Input,
      retry: { maximumAge: seconds * 1_000, maximumAttempts: attempts },
      ...(Target.DeadLetterConfig && { deadLetters: Target.DeadLetterConfig.Arn }),
    },
  };
}

export const schedulerKinds: Record<string, Kind> = {
  'AWS::Scheduler::ScheduleGroup': group,
  'AWS::Scheduler::Schedule': schedule,
};
