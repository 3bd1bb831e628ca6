import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpRequest, HttpResponse } from '../world';
import { bytes, ConnectionLost, type WireResponse } from './message';

const MIB = 1024 * 1024;

/** In MiB. Nothing that StepUp sends comes near the first; objects may be larger, though their clients send parts of 8 MiB. */
const largestBody = ({ method, headers }: IncomingMessage): number =>
  method === 'PUT' && headers.authorization?.includes('/s3/aws4_request') ? 64 : 4;

/** A web page that rebinds its own host name to 127.0.0.1 must not get through. `bucket.localhost` is S3's virtual host. */
const LOOPBACK = /^(127\.0\.0\.1|\[::1\]|([a-z0-9.-]+\.)?localhost)(:\d+)?$/i;

function plain(status: number, message: string): WireResponse {
  return { status, headers: { 'content-type': 'text/plain' }, body: bytes(`${message}\n`) };
}

/** @returns all of it, or undefined when it is longer */
async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size <= limit ? new Uint8Array(Buffer.concat(chunks)) : undefined;
}

const pairsOf = ({ rawHeaders }: IncomingMessage): [string, string][] =>
  rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] as string] as [string, string]] : []));

type Answer = (request: HttpRequest) => Promise<HttpResponse>;

async function respond(
  request: IncomingMessage,
  answer: Answer,
  limitOf: (request: IncomingMessage) => number,
): Promise<HttpResponse> {
  if (!LOOPBACK.test(request.headers.host ?? '')) return plain(403, 'The embedded AWS answers to loopback hosts only.');
  const limit = limitOf(request);
  const body = await readBody(request, limit * MIB);
  if (!body) return plain(413, `The embedded AWS takes bodies of at most ${limit} MiB here.`);
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  const rawHeaders = pairsOf(request);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(',')]),
  );
  return answer({ method: request.method ?? 'GET', path, query: query.join('?'), headers, rawHeaders, body });
}

function send(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  // The answer to HEAD states the length of what GET would bring.
  response.writeHead(status, { 'content-length': body.length, ...headers });
  response.end(body);
}

/** One HTTP server on 127.0.0.1. @param limitOf a request's body, in MiB; maxHeaderSize: default Node's 16 KiB */
export function createWireServer(answer: Answer, limitOf = largestBody, maxHeaderSize?: number) {
  const server = createServer({ maxHeaderSize }, async (request, response) => {
    try {
      send(response, await respond(request, answer, limitOf));
    } catch (error) {
      // Also a client that went away while it was sending.
      request.socket.destroy();
      if (!(error instanceof ConnectionLost) && !request.errored) throw error;
    }
  });
  return {
    listen: (port: number) =>
      new Promise<string>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
