import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { World } from '../world';
import { read } from './metadata';
import type { Sessions, Version } from './sessions';

const TTL_HEADER = 'x-aws-ec2-metadata-token-ttl-seconds';
const LONGEST_TTL = 21_600;

function answer(response: ServerResponse, status: number, body = `${status} - ${STATUS_CODES[status]}`): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
}

export const url = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** The metadata service of one instance, on a loopback port of its own. */
export function listen(world: World, sessions: Sessions, instanceId: string): Promise<Server> {
  /** Tokens, and when they end. */
  const tokens = new Map<string, number>();

  const issueToken = (request: IncomingMessage, response: ServerResponse) => {
    // Somebody behind an open proxy on the instance gets no token.
    if (request.headers['x-forwarded-for'] !== undefined) return answer(response, 403);
    const ttl = Number(request.headers[TTL_HEADER]);
    if (!(Number.isInteger(ttl) && ttl >= 1 && ttl <= LONGEST_TTL)) return answer(response, 400);
    const token = world.ids.secret(54);
    tokens.set(token, world.clock.now() + ttl * 1000);
    response.setHeader(TTL_HEADER, ttl);
    answer(response, 200, token);
  };

  /** Undefined: 401. A token that is not valid is refused even where none is required. */
  const versionOf = (request: IncomingMessage): Version | undefined => {
    const token = request.headers['x-aws-ec2-metadata-token'];
    if (token !== undefined) return (tokens.get(String(token)) ?? 0) > world.clock.now() ? 'v2' : undefined;
    return world.ec2.instance(instanceId)?.httpTokens === 'optional' ? 'v1' : undefined;
  };

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    // Nobody answers on an instance that does not run: the client sees a connection that breaks, never an HTTP status.
    if (world.ec2.instance(instanceId)?.state !== 'running') return request.socket.destroy();
    // A web page whose host name was rebound to the loopback address is refused.
    if (`http://${request.headers.host}` !== url(server)) return answer(response, 400);
    const path = (request.url ?? '').replace(/\/+$/, '');
    if (request.method === 'PUT' && path === '/latest/api/token') return issueToken(request, response);
    if (request.method !== 'GET') return answer(response, 405);
    const version = versionOf(request);
    if (!version) return answer(response, 401);
    const session = sessions.serve(instanceId, version);
    const found = path.startsWith('/latest/')
      ? read(path.slice('/latest/'.length), world, instanceId, session)
      : undefined;
    return found === undefined ? answer(response, 404) : answer(response, 200, found);
  };

  const server = createServer(handle);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
