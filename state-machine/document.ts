import { GRANT_NAME } from './catalogue';
import { outputLocationSchema } from './output';
import { requesterSchema } from './requester';
import { z } from './schema';

/** Of a request's body. */
export const LARGEST_REQUEST = 32 * 1024;

/**
 * Of an execution's input: a body, and where it belongs and who asks. AWS accepts 262,144 bytes; ours travels twice in every
 * Task (design, section 3), so less.
 */
export const LARGEST_INPUT = LARGEST_REQUEST + 4 * 1024;

const INSTANCE_ID = /^i-([0-9a-f]{8}|[0-9a-f]{17})$/;

/** Path and virtual-host style, old regional and global forms: whatever AWS-RunRemoteScript downloads. */
const S3_URL =
  /^https:\/\/([a-z0-9.-]+\.)?s3([.-][a-z0-9-]+)?(\.dualstack)?(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?\/\S+$/;

const lines = z.array(z.string()).check(z.minLength(1));

/** What happens while elevated: a Command document runs, or a short form of one, or nothing: a person works. */
export const workSchema = z.union(
  [
    z.strictObject({
      script: z.strictObject({
        document: z.string().check(z.regex(/^[A-Za-z0-9_.:/-]{3,256}$/)),
        parameters: z.optional(z.record(z.string(), z.array(z.string()))),
      }),
    }),
    z.strictObject({ shell: lines }),
    z.strictObject({ powershell: lines }),
    z.strictObject({
      s3Script: z.strictObject({
        url: z.string().check(z.regex(S3_URL, 'must be the https URL of an object in S3')),
        commandLine: z.string().check(z.minLength(1)),
      }),
    }),
    z.strictObject({ hold: z.strictObject({}) }),
  ],
  'must be exactly one of {"script": {"document", "parameters"}}, {"shell": [...]}, {"powershell": [...]}, {"s3Script": {"url", "commandLine"}} and {"hold": {}}',
);
export type Work = z.infer<typeof workSchema>;

export const instanceIdSchema = z
  .string()
  .check(z.regex(INSTANCE_ID, 'an EC2 instance id looks like i-0123456789abcdef0'));
export const grantNameSchema = z
  .string()
  .check(z.regex(GRANT_NAME, 'a grant name has lower-case letters, digits and hyphens'));

const bodyFields = z.strictObject({
  work: workSchema,
  /** How long the work may take. Default: 30, or the grant's maxMinutes if that is less. */
  durationMinutes: z.optional(z.int().check(z.minimum(1), z.maximum(720))),
  /** What the instance keeps meanwhile: all that its original role allows, or just what SSM Agent needs. */
  baseline: z._default(z.enum(['inherit', 'core']), 'inherit'),
  /** Patience while another elevation has the instance. */
  waitForInstanceMinutes: z._default(z.int().check(z.minimum(0), z.maximum(1440)), 0),
  /** Where the full output goes. Default: the deployment's defaultOutput, if it has one. */
  output: z.optional(outputLocationSchema),
  reason: z.optional(z.string().check(z.maxLength(500))),
});
/** Schemas with a check take no more fields, and lose none: it comes last. */
const noOutputOfHold = z.refine<Pick<z.infer<typeof bodyFields>, 'work' | 'output'>>(
  ({ work, output }) => !('hold' in work && output),
  { path: ['output'], error: 'a hold has no output: leave it out' },
);
/** What a requester decides besides grant and instance: the body of a request to the API. */
export const requestBodySchema = bodyFields.check(noOutputOfHold);
export type RequestBody = z.infer<typeof requestBodySchema>;

const namedFields = z.extend(bodyFields, { instanceId: instanceIdSchema, grant: grantNameSchema });
/** The same with grant and instance: what a schedule's file holds. */
export const scheduledRequestSchema = namedFields.check(noOutputOfHold);

/** What is asked for: the input of an execution. `requester` is written by the API and by schedules; absent in a direct start. */
export const requestSchema = z.extend(namedFields, { requester: z.optional(requesterSchema) }).check(noOutputOfHold);
export type Request = z.infer<typeof requestSchema>;

/** The association that an elevation must bring back. */
export const originalSchema = z.strictObject({
  profileArn: z.string(),
  profileId: z.string(),
  roleArn: z.string(),
  roleId: z.string(),
});
export type Original = z.infer<typeof originalSchema>;

const notDone = { done: z.literal(false), waitSeconds: z.int().check(z.minimum(1)) };

/** $.capture: what captureProfile found. */
export const captureSchema = z.discriminatedUnion('done', [
  z.object({ ...notDone, busy: z.string() }),
  z.object({
    done: z.literal(true),
    instanceArn: z.string(),
    associationId: z.nullable(z.string()),
    original: z.nullable(originalSchema),
    durationMinutes: z.int(),
    /** The parameter by which the document bounds its run time, if it has one. */
    timeoutParameter: z.nullable(z.string()),
    /** Where the full output goes: what the request named, or the deployment's default. Older releases wrote none. */
    output: z._default(z.nullable(outputLocationSchema), null),
  }),
]);
export type Capture = z.infer<typeof captureSchema>;

/** A Task's own note of whether an earlier invocation of it may still be alive (RetryCount over 0 at any entry). */
const attempts = { retried: z.boolean() };

/** $.tempRole: what createTempRole made. */
export const tempRoleSchema = z.object({
  ...attempts,
  roleName: z.string(),
  roleArn: z.string(),
  roleId: z.string(),
  profileArn: z.string(),
  profileId: z.string(),
  /** ISO 8601; every Allow of the grant ends then. */
  expires: z.string(),
});
export type TempRole = z.infer<typeof tempRoleSchema>;

/** $.swap */
export const swapSchema = z.discriminatedUnion('done', [
  z.object({ ...notDone, ...attempts, busy: z.string(), since: z.string() }),
  /** `since`: when the temp profile was put on the instance; older releases did not say. */
  z.object({ done: z.literal(true), ...attempts, associationId: z.string(), since: z.optional(z.string()) }),
]);
export type Swap = z.infer<typeof swapSchema>;

/** $.association; `since`: when it was first looked at. */
export const associationSchema = z.discriminatedUnion('done', [
  z.object({ ...notDone, since: z.string() }),
  z.object({ done: z.literal(true), associationId: z.string() }),
]);
export type Association = z.infer<typeof associationSchema>;

/** $.proof */
export const proofSchema = z.discriminatedUnion('done', [
  z.object({ ...notDone, commandId: z.string(), since: z.string() }),
  /** `workSeconds`: how long the work may take from now on. Older releases did not say; they knew no hold. */
  z.object({ done: z.literal(true), commandId: z.string(), workSeconds: z._default(z.int(), 0) }),
]);
export type Proof = z.infer<typeof proofSchema>;

/** $.hold, as release sends it: who ended a hold, and when. What others send, or Catch puts there, is read by hold.ts. */
export const releaseSchema = z.object({
  released: z.object({ by: z.string().check(z.minLength(1), z.maxLength(2_500)), at: z.iso.datetime() }),
});
export type Release = z.infer<typeof releaseSchema>;

/** $.command: the one command that was sent. */
export const commandSchema = z.object({ ...attempts, commandId: z.string(), sent: z.string() });
export type Command = z.infer<typeof commandSchema>;

/** $.script: how the command stands. A failure is a result here; Restore turns it into the elevation's error. */
export const scriptSchema = z.discriminatedUnion('done', [
  z.object(notDone),
  z.object({
    done: z.literal(true),
    status: z.enum(['Success', 'ScriptFailed', 'ScriptTimedOut', 'CommandUndeliverable', 'CommandRejected']),
    statusDetails: z.string(),
    exitCode: z.int(),
    /** The step of the document that ran last. */
    step: z.string(),
    /** First 24,000 characters, as SSM keeps them. */
    stdout: z.string(),
    /** First 8,000 characters. */
    stderr: z.string(),
    truncated: z.boolean(),
    /** Where the full output is; '' if not in a bucket. */
    stdoutUrl: z.string(),
    stderrUrl: z.string(),
    /** Where it is else: the streams `<logStreams>/stdout` and `<logStreams>/stderr`; '' if not in a log group. */
    logGroup: z.string(),
    logStreams: z.string(),
  }),
]);
export type Script = z.infer<typeof scriptSchema>;

/** What a look found and did about the instance's profile. */
export const RESTORED = [
  'given-back',
  'already-back',
  'removed',
  'superseded',
  'instance-gone',
  'nothing-to-undo',
  'original-gone',
  'stuck',
  'pending',
] as const;

/**
 * The original is back but not associated; AWS does not let us give it back; it does not exist.
 * `since`: when that was first seen, ISO 8601.
 */
export const obstacleSchema = z.object({ kind: z.enum(['settling', 'denied', 'gone']), since: z.string() });
export type Obstacle = z.infer<typeof obstacleSchema>;

/** $.outcome: what Restore says. `error` and `cause` are always strings, because Fail reads them by path. */
export const outcomeSchema = z.object({
  done: z.boolean(),
  waitSeconds: z.int(),
  result: z.enum(['Pending', 'Succeeded', 'ElevationFailed', 'RestoreFailed']),
  restored: z.enum(RESTORED),
  error: z.string(),
  cause: z.string(),
  /** Sentences for the reader of the history: what was found and done. */
  notes: z.array(z.string()),
  /** When restoring began. */
  since: z.string(),
  /** What keeps the original away, and since when: looks of minutes add up to a decision. */
  obstacle: z.optional(obstacleSchema),
  tempRole: z.nullable(z.object({ roleName: z.string(), deleteAfter: z.nullable(z.string()) })),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** What travels through the elevation machine: each Task adds its result under its own key. */
export const documentSchema = z.object({
  request: z.unknown(),
  capture: z.optional(captureSchema),
  rehearsal: z.optional(z.unknown()),
  tempRole: z.optional(tempRoleSchema),
  swap: z.optional(swapSchema),
  association: z.optional(associationSchema),
  proof: z.optional(proofSchema),
  /** Whoever has the token can put anything here: no restore may fail by it. */
  hold: z.optional(z.unknown()),
  command: z.optional(commandSchema),
  script: z.optional(scriptSchema),
  outcome: z.optional(outcomeSchema),
  /** The first error that a Catch saw. */
  error: z.optional(z.object({ Error: z.string(), Cause: z._default(z.string(), '') })),
});
export type Document = z.infer<typeof documentSchema>;

/** What every Task receives: the document, and the context object's Execution and State, whole. */
export const taskEventSchema = z.object({
  purpose: z.optional(z.enum(['rehearse', 'restore', 'recover', 'prove', 'send', 'poll'])),
  document: documentSchema,
  execution: z.object({
    Id: z.string(),
    Name: z.string(),
    StartTime: z.string(),
    /** Unconfirmed: absent in the context of an execution that was never redriven? Both are understood. */
    RedriveCount: z.optional(z.number()),
  }),
  state: z.object({ EnteredTime: z.string(), Name: z.string(), RetryCount: z.optional(z.number()) }),
});
export type TaskEvent = z.infer<typeof taskEventSchema>;
