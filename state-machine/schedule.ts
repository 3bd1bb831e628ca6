import { scheduledRequestSchema } from './document';
import { z } from './schema';

/** A schedule's name is that of its file, and becomes part of execution names. */
export const SCHEDULE_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** What EventBridge Scheduler puts in the place of such words, wherever they stand in a schedule's input (aws-facts-2 16.3). */
export const SCHEDULER_WORDS = {
  schedule: '<aws.scheduler.schedule-arn>',
  scheduledTime: '<aws.scheduler.scheduled-time>',
} as const;

/** A request without who asks: the schedule does. */
export type ScheduledRequest = z.infer<typeof scheduledRequestSchema>;

const momentSchema = z.string().check(
  z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'a time in UTC, such as 2027-01-31T00:00:00Z'),
  z.refine(
    (text) => Number.isNaN(Date.parse(text)) === false && new Date(text).toISOString().startsWith(text.slice(0, -1)),
    { error: 'there is no such time', abort: true },
  ),
);

const DAY_MINUTES = 1440;

/** A file of infra/schedules/: NAME.json. */
export const scheduleFileSchema = z.strictObject({
  $schema: z.optional(z.string()),
  description: z.string().check(z.minLength(1), z.maxLength(512)),
  /** cron(…), rate(…) or at(…), as EventBridge Scheduler has them. */
  schedule: z.string(),
  /** A name of the IANA database. */
  timeZone: z._default(z.string(), 'UTC'),
  /** The schedule runs neither before nor after these. */
  start: z.optional(momentSchema),
  end: z.optional(momentSchema),
  /** EventBridge Scheduler chooses a moment within so many minutes after each time. Default: it keeps to the minute. */
  flexibleWindowMinutes: z.optional(z.int().check(z.minimum(1), z.maximum(DAY_MINUTES))),
  enabled: z._default(z.boolean(), true),
  request: scheduledRequestSchema,
  /** How often, and for how long, EventBridge Scheduler tries to deliver one time. Default: an hour, as often as it may. */
  retry: z._default(
    z.strictObject({
      maximumAgeMinutes: z._default(z.int().check(z.minimum(1), z.maximum(DAY_MINUTES)), 60),
      attempts: z._default(z.int().check(z.minimum(0), z.maximum(185)), 185),
    }),
    { maximumAgeMinutes: 60, attempts: 185 },
  ),
});
export type ScheduleFile = z.infer<typeof scheduleFileSchema>;

/** AWS shows 2022-03-22T18:59:43Z. Other forms of ISO 8601 are the same time: the execution's name must not hang on them. */
const scheduledTimeSchema = z.pipe(
  z.string().check(
    z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/, 'is no time in ISO 8601'),
    z.refine((text) => !Number.isNaN(Date.parse(text)), 'is no time that there is'),
  ),
  z.transform((text) => `${new Date(text).toISOString().slice(0, 19)}Z`),
);

/** What EventBridge Scheduler hands to runScheduled, with its own words filled in. */
export const scheduledEventSchema = z.strictObject({
  schedule: z.string().check(z.regex(/^arn:[^:\s]+:scheduler:[^:\s]+:\d{12}:schedule\/[\w.-]{1,64}\/[\w.-]{1,64}$/)),
  scheduledTime: scheduledTimeSchema,
  request: scheduledRequestSchema,
});
export type ScheduledEvent = z.infer<typeof scheduledEventSchema>;

/** The input of a schedule before the words are filled in: what GetSchedule tells. */
export const scheduleInputSchema = z.strictObject({
  schedule: z.literal(SCHEDULER_WORDS.schedule),
  scheduledTime: z.literal(SCHEDULER_WORDS.scheduledTime),
  request: scheduledRequestSchema,
});
