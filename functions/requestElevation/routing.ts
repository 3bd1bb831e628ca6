import httpRouterHandler, { type Method } from '@middy/http-router';
import { type OperationId, ROUTES, type Route } from '../../state-machine/routes';
import type { Identity } from '../common/caller';
import type { Answer } from './answer';
import type { Incoming } from './event';
import { Refusal } from './problem';

/** A request whose path is what it seems to be. */
export interface Call extends Incoming {
  operation: OperationId;
  /** From the path itself; not yet held against their schemas. */
  parameters: Record<string, string>;
  caller: Identity;
  /** What stands before the path: the stage, or nothing with a domain of one's own. */
  base: string;
}

export type Serve = (call: Call) => Promise<Answer>;

/** Unreserved characters only: nothing that one reader decodes and another does not, and no slash at the end. */
const CANONICAL = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+$/;
const STAGE = /^(\/[A-Za-z0-9_-]+)?$/;

/**
 * Finds the route of a request by its raw path and has it served. IAM has judged the path that API Gateway saw, so that its
 * route and its parameters must be the same.
 * @throws Refusal NotSigned, RouteNotFound, MethodNotAllowed
 */
export async function route(incoming: Incoming, serve: Serve): Promise<Answer> {
  const { method, path, fullPath, caller } = incoming;
  if (!caller)
    throw new Refusal('NotSigned', 'Sign the request with AWS Signature Version 4, for the service execute-api.');
  const base = fullPath.slice(0, fullPath.length - path.length);
  if (!CANONICAL.test(path) || fullPath !== base + path || !STAGE.test(base)) throw notFound();
  const context: Context = { incoming, caller, base, serve };
  return (await router(
    { httpMethod: method || 'none', path, version: '1.0' } as never,
    context as never,
    () => undefined,
  )) as Answer;
}

interface Context {
  incoming: Incoming;
  caller: Identity;
  base: string;
  serve: Serve;
}

/** middy's router. It also takes a slash at the end, and lets the event's own pathParameters win: it is given neither. */
const router = httpRouterHandler({
  routes: ROUTES.map((one) => ({
    method: one.method as Method,
    path: one.path,
    handler: ((event: { pathParameters?: Record<string, string> }, context: Context) =>
      handle(one, { ...event.pathParameters }, context)) as never,
  })),
  notFoundResponse: ({ method, path }) => {
    throw notFound(method, path);
  },
}) as unknown as (event: never, context: never, callback: () => void) => Promise<unknown>;

function handle(one: Route, parameters: Record<string, string>, { incoming, caller, base, serve }: Context) {
  const { resource, gatewayParameters: seen } = incoming;
  const names = Object.keys(parameters);
  const same =
    Object.keys(seen).length === names.length &&
    names.every((name) => Object.hasOwn(seen, name) && seen[name] === parameters[name]);
  if (resource !== one.path || !same) throw notFound();
  return serve({ ...incoming, operation: one.operationId, parameters, caller, base });
}

const patternOf = (path: string): RegExp => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);
const PATTERNS = ROUTES.map(({ method, path }) => ({ method, pattern: patternOf(path) }));

function notFound(method?: string, path = ''): Refusal {
  const allowed = PATTERNS.filter(({ pattern }) => pattern.test(path)).map((one) => one.method);
  if (allowed.length === 0)
    return new Refusal(
      'RouteNotFound',
      `There is no such path. There are ${[...new Set(ROUTES.map((one) => one.path))].join(', ')}; no slash at the end, no escapes.`,
    );
  return new Refusal('MethodNotAllowed', `${method} is not possible here: ${allowed.join(', ')} is.`, {
    headers: { Allow: allowed.join(', ') },
  });
}
