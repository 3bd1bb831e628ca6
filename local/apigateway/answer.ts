import { AwsError, type HttpRequest, type HttpResponse, type InvokeResult, type Principal, type World } from '../world';
import { eventOf } from './event';
import { httpAnswer } from './functionAnswer';
import { type Refused, refusal } from './gatewayResponses';
import { methodOf, type Route, routeOf } from './routes';
import type { Api } from './store';
import type { Facts } from './variables';

/** aws-facts-2 13.4 */
const LARGEST_BODY = 10 * 1024 * 1024;
const LARGEST_HEAD = 10_240;
const PATIENCE_MS = 29_000;

/** Who signed a request to `execute-api`, or why nobody did. */
export type Authenticate = (request: HttpRequest) => Principal | string;

/** By the reasons of the wire; all others are one to API Gateway. */
const REASONS: Record<string, Refused | undefined> = {
  ...{ unsigned: 'unsigned', unsupportedSigning: 'unsupportedSigning', wrongTime: 'wrongTime' },
  ...{ unknownKey: 'unknownKey', wrongToken: 'unknownKey', expiredToken: 'expiredToken', wrongRegion: 'wrongScope' },
};

export interface Served {
  facts: Facts;
  response: HttpResponse;
}

type Asked = { world: World; authenticate: Authenticate; api: Api; request: HttpRequest; parts: Api['parts'] };

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function isTooLong({ method, path, query, headers }: HttpRequest): boolean {
  const line = `${method} ${path}?${query} HTTP/1.1`;
  const sizes = Object.entries(headers).map(([name, value]) => Buffer.byteLength(name + value));
  return sizes.reduce((sum, size) => sum + size, line.length) > LARGEST_HEAD;
}

/**
 * May the caller invoke this path? The resource is the path as it was sent, the method never ANY (aws-facts-2 13.1).
 * Unconfirmed: what AWS compares when the path is percent-encoded. Here both forms have to be allowed, and neither denied.
 */
function denialOf(world: World, principal: Principal, facts: Facts, segments: string[]): string | undefined {
  if (principal.kind === 'root') return undefined;
  const { partition, region, account } = world;
  const path = segments.join('/');
  for (const form of new Set([path, decodeURIComponent(path)])) {
    const rest = `${facts.apiId}/${facts.stage}/${facts.httpMethod}/${form}`;
    const action = 'execute-api:Invoke';
    const decision = world.iam.evaluate(principal, action, `arn:${partition}:execute-api:${region}:${account}:${rest}`);
    if (decision.allowed) continue;
    const masked = `arn:${partition}:execute-api:${region}:********${account.slice(-4)}:${rest}`;
    return `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${masked} ${decision.because}`;
  }
  return undefined;
}

/** A request to a stage, through every gate to the function. `parts`: those of the stage's deployment. */
export async function serve(asked: Asked, begun: Facts): Promise<Served> {
  const { world, authenticate, api, request, parts } = asked;
  let facts = begun;
  const refuse = (why: Refused, words?: string): Served => {
    const { facts: known, ...response } = refusal(parts, why, facts, words);
    return { facts: known, response };
  };
  if (isTooLong(request)) return refuse('headersTooLong');
  if (request.body.length > LARGEST_BODY) return refuse('bodyTooLarge');
  const [, ...segments] = request.path.slice(1).split('/');
  if (decoded(`${request.path}?${request.query}`) === undefined) return refuse('malformedUri');
  // `/v1` and `/v1/` are the root.
  const route = routeOf(parts, api.rootId, segments.join('/') === '' && segments.length < 2 ? [] : segments);
  const method = route && methodOf(parts, route.resourceId, request.method);
  if (!route || !method) return refuse('noMethod');
  facts = { ...facts, resourcePath: route.resourcePath, resourceId: route.resourceId };
  const caller = authenticate(request);
  if (typeof caller === 'string') return refuse(REASONS[caller] ?? 'badSignature');
  facts = { ...facts, principal: caller, accountId: world.account };
  const denial = denialOf(world, caller, facts, segments);
  if (denial !== undefined) return refuse('denied', denial);
  const outcome = await integrate(asked, method.functionArn, route, facts, caller);
  if (typeof outcome === 'string') return refuse(outcome);
  return { facts: { ...facts, status: outcome.status, integrationStatus: 200 }, response: outcome };
}

async function integrate(
  { world, request }: Asked,
  functionArn: string,
  route: Route,
  facts: Facts,
  caller: Principal,
): Promise<HttpResponse | Refused> {
  const event = eventOf(world, request, route, caller, facts);
  const { partition, region, account } = world;
  const path = `${facts.apiId}/${facts.stage}/${request.method}${route.resourcePath}`;
  const sourceArn = `arn:${partition}:execute-api:${region}:${account}:${path}`;
  try {
    const invoked = world.lambda.invoke(functionArn, event, { service: 'apigateway.amazonaws.com', sourceArn });
    const result = await within(world, invoked);
    if (!result) return 'timedOut';
    const answer = 'payload' in result ? httpAnswer(result.payload) : undefined;
    return answer ?? 'badAnswer';
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.status === 413) return 'bodyTooLarge';
    return error.status === 429 || error.status >= 500 ? 'throttledFunction' : 'misconfigured';
  }
}

/** What the function answers in time, or undefined; it goes on, and nobody hears of it. */
function within(world: World, work: Promise<InvokeResult>): Promise<InvokeResult | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = world.clock.after(PATIENCE_MS, () => resolve(undefined));
    work.then(resolve, reject).finally(cancel);
  });
}
