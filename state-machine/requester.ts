import { createHash } from 'node:crypto';
import { z } from './schema';

/** Of the API: the caller as API Gateway's IAM authorisation found it, and the key that the request carried. */
export const callerSchema = z.strictObject({
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, `arn:aws:iam::ACCOUNT:user/NAME`, … */
  arn: z.string().check(z.regex(/^arn:[^\s]{1,2000}$/)),
  /** `AROA…:SESSION` or `AIDA…`: another principal of the same name has another. */
  userId: z.string().check(z.minLength(1), z.maxLength(256)),
  key: z.string().check(z.regex(/^[!-~]{1,255}$/)),
});

/** Of a schedule: which, and for which of its times. */
const clockSchema = z.strictObject({
  schedule: z.string().check(z.regex(/^arn:[^\s]{1,2000}$/)),
  /** As `<aws.scheduler.scheduled-time>` has it: 2026-11-22T06:52:09Z */
  scheduledTime: z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)),
});

/** Who asks, as the API or a schedule's function writes it into the input of the execution. Absent: a direct start. */
export const requesterSchema = z.union(
  [callerSchema, clockSchema],
  'is written by the API and by schedules, nobody else',
);
export type Requester = z.infer<typeof requesterSchema>;
export type Caller = z.infer<typeof callerSchema>;

/** Step Functions does not tell who called StartExecution; whoever may is an administrator of StepUp. */
export const DIRECT_START = 'direct-start';

/** Who asked, in one line: for the record, and for every log line. */
export function nameRequester(requester: Requester | undefined): string {
  if (!requester) return DIRECT_START;
  return 'schedule' in requester ? requester.schedule : `${requester.arn} ${requester.userId}`;
}

/** What a grant's `requesters` are held against: the caller's ARN, or the schedule's. */
export const arnOfRequester = (requester: Requester): string =>
  'schedule' in requester ? requester.schedule : requester.arn;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const hash = (length: number, ...parts: string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, length);

/**
 * The name of the execution of a request: the same caller and key, or the same time of the same schedule, have the same,
 * so that StartExecution makes one run of any number of tellings (aws-facts 5.3). A key that is a UUIDv7 makes names that
 * sort by time. At most 80 letters, digits and hyphens.
 */
export function executionName(requester: Requester): string {
  if ('schedule' in requester) {
    const { schedule, scheduledTime } = requester;
    const name = schedule.slice(schedule.lastIndexOf('/') + 1).slice(0, 40);
    return `${name}-${scheduledTime.replace(/[-:]/g, '')}-${hash(16, schedule, scheduledTime)}`;
  }
  const { userId, key } = requester;
  return UUID.test(key) ? `${key.toLowerCase()}-${hash(16, userId, key)}` : `key-${hash(32, userId, key)}`;
}
