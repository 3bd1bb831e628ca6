import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import middy, { type MiddlewareObj } from '@middy/core';
import { type Catalogue, catalogueSchema } from '../../state-machine/catalogue';
import type { TaskEvent } from '../../state-machine/document';
import { isErrorName, StepUpError } from '../../state-machine/errors';
import { type OutputLocation, outputLocationSchema } from '../../state-machine/output';
import { z } from '../../state-machine/schema';
import { translate } from './awsErrors';
import { type Clock, systemClock } from './clock';

const json = <T>(schema: z.ZodMiniType<T>) =>
  z.pipe(
    z.string(),
    z.transform((text) => schema.parse(JSON.parse(text))),
  );

/** The environment of every function, as infra sets it. */
export const environmentSchema = z.object({
  STEPUP_DEPLOYMENT: z.string(),
  STEPUP_DRAIN_MINUTES: z.pipe(z.string(), z.transform(Number)),
  /** Within which a request may ask for its output */
  STEPUP_OUTPUT_LOCATIONS: json(z.array(outputLocationSchema)),
  /** For a request that does not ask */
  STEPUP_DEFAULT_OUTPUT: json(z.nullable(outputLocationSchema)),
  /** Patterns of role ARNs that Restore may pass; '*' is any */
  STEPUP_RESTORABLE_ROLES: json(z.array(z.string())),
});

export interface Config {
  deployment: string;
  drainMs: number;
  outputLocations: OutputLocation[];
  defaultOutput: OutputLocation | null;
  restorableRoles: string[];
}

/** What the logic of a function gets beside its event: everything that touches the world. */
export type Deps<Clients = unknown> = Clients & {
  clock: Clock;
  config: Config;
  catalogue: Catalogue;
  /** Takes one line of JSON; each invocation has its begin and its end logged anyway. */
  log: (line: string) => void;
};

/** What every SDK client of a function is made with. */
// biome-ignore lint/suspicious/noExplicitAny: the clients' configuration types differ only in what is not set here
export type ClientSettings = Record<string, any>;

/** All that is not the function's own; tests and the exploration replace it, Lambda takes the defaults. */
export interface Surroundings {
  env: Record<string, string | undefined>;
  clock: Clock;
  catalogue: () => Catalogue;
  clientSettings: ClientSettings;
  /** Takes one line of JSON. */
  log: (line: string) => void;
}

const inLambda: Surroundings = {
  env: process.env,
  clock: systemClock,
  catalogue: () => catalogueSchema.parse(JSON.parse(readFileSync(join(__dirname, 'catalogue.json'), 'utf8'))),
  // A connection that takes 3 s or an answer that takes 8 s will not come: three such attempts of one call still end within
  // a function's 60 s. Without `throwOnRequestTimeout` the SDK would only warn, and wait on.
  clientSettings: {
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 8_000, throwOnRequestTimeout: true },
  },
  log: (line) => void process.stdout.write(`${line}\n`),
};

export interface FunctionParts<Event, Clients, Result> {
  event: z.ZodMiniType<Event>;
  clients: (settings: ClientSettings) => Clients;
  run: (event: Event, deps: Deps<Clients>) => Promise<Result>;
}

/** As middy hands it to Lambda. */
export type Handler<Result = unknown> = (event: unknown, context: { awsRequestId: string }) => Promise<Result>;

/**
 * Makes a Lambda function: parse the event, call the logic, return its result, log one line for each; an error leaves
 * under one of our names. Nothing is read or connected before the first invocation.
 */
export const defineFunction =
  <Event, Clients, Result>(parts: FunctionParts<Event, Clients, Result>) =>
  (surroundings: Partial<Surroundings> = {}): Handler<Result> => {
    const around = { ...inLambda, ...surroundings };
    let deps: Deps<Clients> | undefined;
    const logic = async (event: unknown): Promise<Result> => {
      deps ??= makeDeps(parts, around);
      return parts.run(parseEvent(parts.event, event), deps);
    };
    // middy's own early timeout would leave a timer behind every invocation; the Task's timeout does that work.
    return middy<unknown, Result>({ timeoutEarlyInMillis: 0 })
      .use(namedErrors)
      .use(logging(around.log))
      .handler(logic) as Handler<Result>;
  };

function makeDeps<Event, Clients, Result>(
  parts: FunctionParts<Event, Clients, Result>,
  around: Surroundings,
): Deps<Clients> {
  const env = environmentSchema.parse(around.env);
  return {
    ...parts.clients(around.clientSettings),
    clock: around.clock,
    catalogue: around.catalogue(),
    log: around.log,
    config: {
      deployment: env.STEPUP_DEPLOYMENT,
      drainMs: env.STEPUP_DRAIN_MINUTES * 60_000,
      outputLocations: env.STEPUP_OUTPUT_LOCATIONS,
      defaultOutput: env.STEPUP_DEFAULT_OUTPUT,
      restorableRoles: env.STEPUP_RESTORABLE_ROLES,
    },
  };
}

/** Our own state machines and rules send these events: one that does not parse is a mismatch of releases. */
function parseEvent<Event>(schema: z.ZodMiniType<Event>, event: unknown): Event {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new StepUpError(
    'RequestInvalid',
    `This function was called with an event that it does not understand. ${z.prettifyError(parsed.error)}`,
  );
}

/** Sets the error that is thrown; returning a value here would turn a failure into a success. */
const namedErrors: MiddlewareObj = {
  onError: (request) => {
    const error = translate(request.error);
    // Lambda puts the stack into the Cause that people read in the console; a message that says what to do needs none.
    if (isErrorName(error.name)) error.stack = `${error.name}: ${error.message}`;
    request.error = error;
  },
};

const logging = (write: (line: string) => void): MiddlewareObj => {
  const line = (level: string, message: string, event: unknown, requestId: string, more = {}) =>
    write(JSON.stringify({ level, message, requestId, ...subject(event), ...more }));
  return {
    before: ({ event, context }) => line('INFO', 'begin', event, context.awsRequestId),
    after: ({ event, context }) => line('INFO', 'end', event, context.awsRequestId),
    onError: ({ event, context, error }) => {
      const { name, message } = translate(error);
      line('ERROR', 'failed', event, context.awsRequestId, { error: name, cause: message });
    },
  };
};

/** What every line says of its run. Nothing of the script, its parameters or its output is ever logged. */
function subject(event: unknown): Record<string, unknown> {
  const { execution, state, purpose, document } = (event ?? {}) as Partial<TaskEvent>;
  const { instanceId, grant } = (document?.request ?? {}) as Record<string, unknown>;
  return { execution: execution?.Id, step: state?.Name, retry: state?.RetryCount, purpose, instanceId, grant };
}
