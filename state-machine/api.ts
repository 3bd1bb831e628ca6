import { grantNameSchema, instanceIdSchema, RESTORED } from './document';
import { ERROR_NAMES } from './errors';
import { z } from './schema';

/** Step Functions allows more in the names of executions; what needs escapes in a path cannot be asked for. */
export const elevationNameSchema = z
  .string()
  .check(z.regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,80}$/, 'a name of an elevation has at most 80 characters'));

/** What the API answers; docs/openapi.json has the same, and the command reads it. Times are ISO 8601, in UTC. */

/** Errors that only the API has: an elevation does not end by them. */
export const API_ERRORS = {
  NotSigned: 403,
  NotAuthorized: 403,
  RouteNotFound: 404,
  ElevationNotFound: 404,
  MethodNotAllowed: 405,
  IdempotencyKeyReused: 409,
  MediaTypeNotSupported: 415,
  TooManyRequests: 429,
  Unavailable: 503,
} as const;
export type ApiErrorName = keyof typeof API_ERRORS;

/** An error, as application/problem+json (RFC 9457). */
export const problemSchema = z.object({
  /** A URI of the entry of the runbook that explains it. */
  type: z.string(),
  /** The name of the error. */
  title: z.enum([...ERROR_NAMES, ...(Object.keys(API_ERRORS) as [ApiErrorName])]),
  status: z.int(),
  /** What is wrong, and what to do. */
  detail: z.string(),
  /** Every wrong field of a request, each with where it is: a JSON pointer into the body, or the name of a header or parameter. */
  errors: z.optional(
    z.array(
      z.object({
        pointer: z.optional(z.string()),
        parameter: z.optional(z.string()),
        header: z.optional(z.string()),
        detail: z.string(),
      }),
    ),
  ),
  /** Of API Gateway: name it when you ask for help. */
  requestId: z.optional(z.string()),
});
export type Problem = z.infer<typeof problemSchema>;

/** As Step Functions has it. */
const statusSchema = z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']);

/** One elevation in a list. */
export const elevationItemSchema = z.object({
  name: z.string(),
  instanceId: instanceIdSchema,
  grant: grantNameSchema,
  work: z.enum(['script', 'hold']),
  requester: z.string(),
  reason: z.nullable(z.string()),
  status: statusSchema,
  started: z.string(),
  stopped: z.nullable(z.string()),
  /** The path of the elevation itself, below the API's URL. */
  href: z.string(),
});
export type ElevationItem = z.infer<typeof elevationItemSchema>;

export const elevationsSchema = z.object({
  elevations: z.array(elevationItemSchema),
  /** Given where there may be more: the value of the parameter `next`. A page may be empty and have one. */
  next: z.nullable(z.string()),
});

/** One elevation, with where it stands or how it ended. */
export const elevationSchema = z.extend(elevationItemSchema, {
  executionArn: z.string(),
  /** The state that it is in, or was in last: see state-machine/elevation.asl.json. */
  state: z.nullable(z.string()),
  /** Every state that it entered, in order. */
  timeline: z.array(z.object({ state: z.string(), entered: z.string() })),
  /** When the grant ends by itself; null before there is one. */
  expires: z.nullable(z.string()),
  /** Null until it is known. `error` and `cause` are '' after a success. */
  outcome: z.nullable(
    z.object({
      error: z.string(),
      cause: z.string(),
      /** What became of the instance's profile; null: nothing had been changed, or a recovery sees to it. */
      restored: z.nullable(z.enum(RESTORED)),
      notes: z.array(z.string()),
    }),
  ),
  /** The recovery that restores what the elevation could not, if there is one. */
  recovery: z.nullable(z.object({ executionArn: z.string(), status: statusSchema })),
  /** Of a script that has ended. */
  script: z.nullable(
    z.object({
      status: z.string(),
      exitCode: z.int(),
      /** The last 4,000 characters of what SSM keeps. */
      stdout: z.string(),
      stderr: z.string(),
      truncated: z.boolean(),
      stdoutUrl: z.string(),
      stderrUrl: z.string(),
      logGroup: z.string(),
      logStreams: z.string(),
    }),
  ),
  /** Of a hold that has begun: until when it lasts if nobody releases it; who did, or null. */
  hold: z.nullable(z.object({ since: z.string(), until: z.string(), released: z.nullable(z.string()) })),
});
export type Elevation = z.infer<typeof elevationSchema>;

export const grantsSchema = z.object({
  grants: z.array(
    z.object({
      name: grantNameSchema,
      description: z.string(),
      maxMinutes: z.int(),
      documents: z.array(z.string()),
      /** Whether an elevation may be held. */
      hold: z.boolean(),
      /** Who may ask, beside what IAM says; null: whoever IAM lets. */
      requesters: z.nullable(z.array(z.string())),
      /** Statements as IAM has them; `${...}` is bound when an elevation begins. */
      allows: z.array(z.record(z.string(), z.unknown())),
    }),
  ),
});
export type Grants = z.infer<typeof grantsSchema>;

/** One answer of the doctor. */
export const findingSchema = z.object({
  /** A word to find it by, in the runbook too: `agent-connected`. */
  id: z.string(),
  /** What is asked. */
  check: z.string(),
  /** failed: no elevation is possible. warning: one is, and this is worth knowing. unknown: AWS did not tell. */
  status: z.enum(['ok', 'warning', 'failed', 'unknown']),
  finding: z.string(),
  /** What to do, commands among it that can be pasted; empty if there is nothing. */
  remedy: z.array(z.string()),
  /** By which an elevation would be refused. */
  error: z.nullable(z.enum(ERROR_NAMES)),
});
export type Finding = z.infer<typeof findingSchema>;

/** What the doctor says of an instance: the answer of GET /instances/{instanceId}. */
export const diagnosisSchema = z.object({
  instanceId: instanceIdSchema,
  /** Nothing has failed: as far as IAM shows, an elevation can begin. */
  elevatable: z.boolean(),
  /** Enrolled for these. */
  grants: z.array(z.string()),
  findings: z.array(findingSchema),
});
export type Diagnosis = z.infer<typeof diagnosisSchema>;

/** Errors of an elevation that the API itself may answer with: what it can see without asking AWS, and its own troubles. */
export const ERROR_STATUS = {
  RequestInvalid: 400,
  NotAnEc2Instance: 400,
  DurationTooLong: 403,
  DocumentNotAllowed: 403,
  OutputNotAllowed: 403,
  HoldNotAllowed: 403,
  RequesterNotAllowed: 403,
  GrantNotFound: 404,
  InstanceNotFound: 404,
  InputTooLarge: 413,
  AwsAccessDenied: 500,
  AwsCallFailed: 500,
  ...API_ERRORS,
} as const;
export type AnsweredError = keyof typeof ERROR_STATUS;
