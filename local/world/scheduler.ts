import type { Retry } from './retrying';
import type { Room } from './world';

/** A schedule of EventBridge Scheduler that calls a Lambda function. */
export interface ScheduleDefinition {
  name: string;
  group: string;
  description?: string;
  /** cron(…), rate(…) or at(…) */
  expression: string;
  timeZone: string;
  /** Epoch ms. */
  start?: number;
  end?: number;
  enabled: boolean;
  /** Undefined: the flexible time window is off. */
  windowMinutes?: number;
  target: { arn: string; roleArn: string; input: string; retry: Retry; deadLetters?: string };
}

export interface SchedulerPort extends Room {
  putGroup(name: string): void;
  /** Its schedules go with it. */
  removeGroup(name: string): void;
  /** @throws AwsError ValidationException, ResourceNotFoundException for a group that is not there */
  putSchedule(schedule: ScheduleDefinition): void;
  removeSchedule(group: string, name: string): void;
  /** For tests: Scheduler delivers at least once. Default: once. */
  deliveries?: (schedule: ScheduleDefinition, scheduledTime: number) => 'once' | 'twice';
}
