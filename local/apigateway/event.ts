import type { HttpRequest, Principal, World } from '../world';
import type { Route } from './routes';
import type { Facts } from './variables';

/** Names are a client's: `constructor` and `__proto__` are names like others. */
const grouped = (pairs: [string, string][]): Record<string, string[]> => {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) groups.set(name, [...(groups.get(name) ?? []), value]);
  return Object.fromEntries(groups);
};
const lastOf = (groups: Record<string, string[]>): Record<string, string> =>
  Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.at(-1) as string]));
const orNull = <T extends object>(value: T): T | null => (Object.keys(value).length > 0 ? value : null);

/** As API Gateway hands them on. Unconfirmed: that it keeps the signature to itself. */
function headersOf({ headers, rawHeaders = Object.entries(headers) }: HttpRequest, world: World): [string, string][] {
  const kept = rawHeaders.filter(([name]) => name.toLowerCase() !== 'authorization');
  const seconds = Math.floor(world.clock.now() / 1_000).toString(16);
  return [
    ...kept,
    ['X-Amzn-Trace-Id', `Root=1-${seconds}-${world.ids.hex(24)}`],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
  ];
}

/**
 * What a function gets: the Developer Guide's 'Input format of a Lambda function for proxy integration', with the identity as
 * it was recorded for a role (blog.daringkoala.com, 'API Gateway REST Lambda Integration Payloads').
 * Unconfirmed: `path` is as it was sent, `pathParameters` are decoded once.
 */
export function eventOf(world: World, request: HttpRequest, route: Route, principal: Principal, facts: Facts) {
  const headers = grouped(headersOf(request, world));
  const query = grouped([...new URLSearchParams(request.query)]);
  const [, ...rest] = request.path.slice(1).split('/');
  const { resourceId, resourcePath, pathParameters } = route;
  const { apiId, stage, path, requestId, extendedRequestId, requestTime, requestTimeEpoch } = facts;
  return {
    resource: resourcePath,
    path: `/${rest.join('/')}`,
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: headers,
    queryStringParameters: orNull(lastOf(query)),
    multiValueQueryStringParameters: orNull(query),
    pathParameters: orNull(pathParameters),
    stageVariables: null,
    requestContext: {
      ...{ resourceId, resourcePath, httpMethod: request.method, extendedRequestId, requestTime, path },
      ...{ accountId: world.account, protocol: 'HTTP/1.1', stage, requestTimeEpoch, requestId, apiId },
      domainPrefix: apiId,
      domainName: request.headers.host ?? '',
      identity: identityOf(request, principal, world),
    },
    body: request.body.length > 0 ? Buffer.from(request.body).toString('utf8') : null,
    isBase64Encoded: false,
  };
}

function identityOf({ headers }: HttpRequest, { arn, userId }: Principal, { account }: World) {
  const [, accessKey = ''] = /Credential=([^/,]+)/.exec(headers.authorization ?? '') ?? [];
  const cognito = ['cognitoIdentityPoolId', 'cognitoIdentityId', 'cognitoAuthenticationType'];
  return {
    ...Object.fromEntries([...cognito, 'cognitoAuthenticationProvider'].map((name) => [name, null])),
    principalOrgId: null,
    userArn: arn,
    user: userId,
    caller: userId,
    accountId: account,
    accessKey,
    userAgent: headers['user-agent'] ?? null,
    sourceIp: '127.0.0.1',
  };
}
