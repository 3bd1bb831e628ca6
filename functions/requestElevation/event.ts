import { z } from '../../state-machine/schema';
import type { Identity } from '../common/caller';
import { callerOf } from '../common/caller';
import { EventNotUnderstood } from '../common/unexpected';

type Values = Record<string, string[] | null>;
const isTexts = (given: unknown): boolean =>
  given === null || (Array.isArray(given) && given.every((value) => typeof value === 'string'));
/** z.record would leave `__proto__` out without a word. */
const values = z.nullish(
  z.custom<Values>((given) => typeof given === 'object' && given !== null && Object.values(given).every(isTexts)),
);

/** A Lambda proxy event of a REST API: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
const eventSchema = z.object({
  httpMethod: z.string(),
  /** As it came, without the stage. */
  path: z.string(),
  /** As the API has it: `/instances/{instanceId}`; `/{proxy+}` for what it does not know. */
  resource: z.string(),
  pathParameters: z.nullish(z.record(z.string(), z.nullish(z.string()))),
  multiValueHeaders: values,
  multiValueQueryStringParameters: values,
  body: z.nullish(z.string()),
  isBase64Encoded: z.nullish(z.boolean()),
  requestContext: z.object({
    requestId: z.nullish(z.string()),
    /** With the stage. */
    path: z.string(),
  }),
});

/** A request, before its path is trusted. */
export interface Incoming {
  method: string;
  path: string;
  /** The path with the stage. */
  fullPath: string;
  resource: string;
  gatewayParameters: Record<string, string>;
  query: Record<string, string[]>;
  /** Every value of a header, however its name is written. */
  header: (name: string) => string[];
  body: string;
  isBase64: boolean;
  caller: Identity | undefined;
}

/** @throws EventNotUnderstood when API Gateway cannot have sent it */
export function readEvent(event: unknown): Incoming {
  const { success, data, error } = eventSchema.safeParse(event);
  if (!success) throw new EventNotUnderstood(z.prettifyError(error));
  const headers = Object.entries(data.multiValueHeaders ?? {});
  const parameters = Object.entries(data.pathParameters ?? {});
  const query = Object.entries(data.multiValueQueryStringParameters ?? {});
  return {
    method: data.httpMethod,
    path: data.path,
    fullPath: data.requestContext.path,
    resource: data.resource,
    gatewayParameters: Object.fromEntries(parameters.map(([name, value]) => [name, value ?? ''])),
    query: Object.fromEntries(query.map(([name, given]) => [name, given ?? []])),
    header: (name) =>
      headers.flatMap(([key, given]) => (key.toLowerCase() === name ? (given ?? []) : [])).map((value) => value.trim()),
    body: data.body ?? '',
    isBase64: data.isBase64Encoded ?? false,
    caller: callerOf(event),
  };
}

/** Of API Gateway, for its caller to name. */
export function requestIdOf(event: unknown): string | undefined {
  const { requestContext } = (event ?? {}) as { requestContext?: { requestId?: unknown } | null };
  return typeof requestContext?.requestId === 'string' ? requestContext.requestId : undefined;
}
