import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import middy, { type MiddlewareObj } from '@middy/core';
import { type Catalogue, type Ceilings, catalogueSchema, ceilingsSchema } from '../../state-machine/catalogue';
import { type OutputLocation, outputLocationSchema } from '../../state-machine/output';
import { z } from '../../state-machine/schema';
import { logChanges } from './changeLog';
import { type Clock, systemClock } from './clock';
import { reportFailure } from './failure';
import { createLog, type Log } from './logging';
import { EventNotUnderstood } from './unexpected';

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
  /** Patterns of the ARNs of managed policies that `inherit` may attach; '*' is any */
  STEPUP_INHERITABLE_POLICIES: json(z.array(z.string())),
  /** The ceilings of this release; only of those functions that need them */
  STEPUP_CEILINGS: z.optional(json(ceilingsSchema)),
  /** ARN of the elevation machine, and where people read the runbook; only of those functions that start elevations */
  STEPUP_ELEVATION_MACHINE: z.optional(z.string()),
  STEPUP_RUNBOOK: z.optional(z.string()),
});

export interface Config {
  deployment: string;
  drainMs: number;
  outputLocations: OutputLocation[];
  defaultOutput: OutputLocation | null;
  restorableRoles: string[];
  inheritablePolicies: string[];
  ceilings: Ceilings;
  /** '' in a function that starts no elevations. */
  elevationMachine: string;
  runbook: string;
}

/** What the logic of a function gets beside its event: everything that touches the world. */
export type Deps<Clients = unknown> = Clients & {
  clock: Clock;
  config: Config;
  catalogue: Catalogue;
  /** Of this invocation; its begin and its end, its error and each change that it makes are logged anyway. */
  log: Log;
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

export interface FunctionParts<Event, Clients extends object, Result> {
  /** Of its folder; every log line says it. */
  name: string;
  event: z.ZodMiniType<Event>;
  clients: (settings: ClientSettings) => Clients;
  run: (event: Event, deps: Deps<Clients>) => Promise<Result>;
}

/** As middy hands it to Lambda. */
export type Handler<Result = unknown> = (event: unknown, context: { awsRequestId: string }) => Promise<Result>;

/** The context of an invocation, with what is made for it. */
interface Invocation {
  awsRequestId: string;
  log: Log;
}

/**
 * Makes a Lambda function: parse the event, call the logic, return its result, log one line for each; an error leaves
 * under one of our names. Nothing is read or connected before the first invocation.
 */
export const defineFunction =
  <Event, Clients extends object, Result>(parts: FunctionParts<Event, Clients, Result>) =>
  (surroundings: Partial<Surroundings> = {}): Handler<Result> => {
    const around = { ...inLambda, ...surroundings };
    let made: Clients & Omit<Deps, 'log'>;
    // A sandbox has one invocation at a time, and clients that outlive it.
    let current: Log;
    const logic = async (event: unknown, { log }: Invocation): Promise<Result> => {
      current = log;
      made ??= makeDeps(parts, around, () => current);
      return parts.run(parseEvent(parts.event, event), { ...made, log });
    };
    // middy's own early timeout would leave a timer behind every invocation; the Task's timeout does that work.
    return middy<unknown, Result, Error, Invocation>({ timeoutEarlyInMillis: 0 })
      .use(reporting(parts.name, around))
      .handler(logic) as unknown as Handler<Result>;
  };

function makeDeps<Event, Clients extends object, Result>(
  parts: FunctionParts<Event, Clients, Result>,
  around: Surroundings,
  log: () => Log,
): Clients & Omit<Deps, 'log'> {
  const env = environmentSchema.parse(around.env);
  const clients = parts.clients(around.clientSettings);
  logChanges(clients, log);
  return {
    ...clients,
    clock: around.clock,
    catalogue: around.catalogue(),
    config: {
      deployment: env.STEPUP_DEPLOYMENT,
      drainMs: env.STEPUP_DRAIN_MINUTES * 60_000,
      outputLocations: env.STEPUP_OUTPUT_LOCATIONS,
      defaultOutput: env.STEPUP_DEFAULT_OUTPUT,
      restorableRoles: env.STEPUP_RESTORABLE_ROLES,
      inheritablePolicies: env.STEPUP_INHERITABLE_POLICIES,
      ceilings: env.STEPUP_CEILINGS ?? {},
      elevationMachine: env.STEPUP_ELEVATION_MACHINE ?? '',
      runbook: env.STEPUP_RUNBOOK ?? '',
    },
  };
}

/** Our own state machines and rules send these events: one that does not parse is a mismatch of releases. */
function parseEvent<Event>(schema: z.ZodMiniType<Event>, event: unknown): Event {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new EventNotUnderstood(z.prettifyError(parsed.error));
}

/** Each invocation's own log, with a line for its begin and its end; what it throws gets its name, and is counted. */
const reporting = (name: string, { clock, log: write, env }: Surroundings): MiddlewareObj<unknown, unknown, Error> => ({
  before: ({ event, context }) => {
    const { awsRequestId: requestId } = context;
    const deployment = env.STEPUP_DEPLOYMENT ?? '';
    const log = createLog({ name, deployment, requestId, event, clock, write });
    Object.assign(context, { log });
    log.info('begin');
  },
  after: ({ context }) => logOf(context).info('end'),
  // Sets the error that is thrown; returning a value here would turn a failure into a success.
  onError: (request) => {
    const { document } = (request.event ?? {}) as { document?: { request?: unknown } };
    request.error = reportFailure(logOf(request.context), request.error, document?.request);
  },
});

const logOf = (context: unknown): Log => (context as Invocation).log;
