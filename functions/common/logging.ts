import { requestSchema, type TaskEvent } from '../../state-machine/document';
import { nameRequester } from '../../state-machine/requester';
import { callerOf } from './caller';
import type { Clock } from './clock';
import { embedded, type Failed, type Values } from './metrics';
import { tempName } from './names';
import { requesterOf } from './requester';

type Level = 'INFO' | 'WARN' | 'ERROR';
export type Fields = Record<string, unknown>;

/** What a line says of the run that it is about, as far as it is known. */
export interface Subject {
  /** The elevation's execution ARN, also in the lines of its recovery. */
  execution?: string | undefined;
  instanceId?: string | undefined;
  grant?: string | undefined;
  requester?: string | undefined;
}

/**
 * The log of one invocation: lines of JSON, each of which says the function, the request and the run. Never the script, its
 * parameters or its output. A line that cannot be written fails nobody.
 */
export interface Log {
  info(message: string, more?: Fields): void;
  warn(message: string, more?: Fields): void;
  error(message: string, more?: Fields): void;
  /** From now on every line says this. */
  knows(subject: Subject): void;
  /** From now on every line about this temp role, or about its run, says this. */
  knowsOf(role: string, subject: Subject): void;
  /** A line that CloudWatch makes metrics of. A repeated invocation counts again. */
  metrics(values: Values, failed?: Failed): void;
}

/** Whose log it is. */
export interface Origin {
  /** Name of the function's folder. */
  name: string;
  deployment: string;
  requestId: string;
  event: unknown;
  clock: Clock;
  /** Takes one line of JSON. */
  write: (line: string) => void;
}

export function createLog({ name, deployment, requestId, event, clock, write }: Origin): Log {
  const subject: Fields = { function: name, requestId, deployment, ...subjectOf(event) };
  const subjects = new Map<unknown, Subject>();
  const line = (level: Level, message: string, more: Fields = {}) => {
    try {
      const { role, execution } = more;
      const about = subjects.get(role ?? (typeof execution === 'string' ? tempName(execution) : undefined));
      write(JSON.stringify({ level, message, ...subject, ...about, ...more }));
    } catch {
      // Neither a full disk nor a value that JSON does not know is a reason to leave an instance as it is.
    }
  };
  return {
    info: (message, more) => line('INFO', message, more),
    warn: (message, more) => line('WARN', message, more),
    error: (message, more) => line('ERROR', message, more),
    knows: (more) => void Object.assign(subject, known(more)),
    knowsOf: (role, more) => void subjects.set(role, known(more)),
    metrics: (values, failed) => {
      const members = embedded(clock.now(), deployment, values, failed);
      if (members) line('INFO', 'metrics', members);
    },
  };
}

const known = (subject: Subject): Subject =>
  Object.fromEntries(Object.entries(subject).filter(([, value]) => value !== undefined));

const EXECUTION = /^arn:[^:\s]+:states:[^:\s]+:\d{12}:execution:[^:\s]{1,80}:[^:\s]{1,80}$/;
const { instanceId: instanceIdSchema, grant: grantSchema } = requestSchema.shape;

/** What an event says of its run. A requester's keys are said only if they are what they should be: they could be anything. */
function subjectOf(event: unknown): Fields {
  const { execution, state, purpose, document, detail, requestContext } = (event ?? {}) as Partial<TaskEvent> &
    Partial<StatusChange> &
    Partial<ApiRequest>;
  if (detail) return { execution: executionIn(detail.executionArn) };
  if (requestContext) return askedBy(event, requestContext);
  const request = (document?.request ?? {}) as Fields;
  const step = { step: state?.Name, retry: state?.RetryCount, purpose };
  if (purpose === 'recover') return { ...step, execution: executionIn(request.execution), recovery: execution?.Id };
  if (!document) return step;
  return {
    ...step,
    execution: execution?.Id,
    instanceId: instanceIdSchema.safeParse(request.instanceId).data,
    grant: grantSchema.safeParse(request.grant).data,
    requester: requesterOf(request),
  };
}

interface StatusChange {
  detail: { executionArn?: unknown };
}

interface ApiRequest {
  requestContext: { requestId?: unknown };
}

/** Of a request to the API: who signed it, and the id that API Gateway's own log has. */
function askedBy(event: unknown, { requestId }: ApiRequest['requestContext']): Fields {
  const caller = callerOf(event);
  return {
    apiRequest: typeof requestId === 'string' ? requestId.slice(0, 100) : undefined,
    requester: caller && nameRequester({ ...caller, key: '' }),
  };
}

const executionIn = (value: unknown): string | undefined =>
  typeof value === 'string' && EXECUTION.test(value) ? value : undefined;
