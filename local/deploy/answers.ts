import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { World } from '../world';

/** Where functions of custom resources put their answers. */
export interface Answers {
  /** Gives `ask` a URL, and waits for what is put there. */
  answered(ask: (url: string) => Promise<unknown>): Promise<unknown>;
  /** On virtual time, which waits for no socket: takes what would have been put to `url`. */
  put(url: string, answer: unknown): void;
}

export function createAnswers(world: World): Answers {
  const waiting = new Map<string, (answer: unknown) => void>();
  const inProcess = (ask: (url: string) => Promise<unknown>) =>
    new Promise((resolve, reject) => {
      const url = `http://127.0.0.1:1/${world.ids.uuid()}`;
      waiting.set(url, resolve);
      ask(url).catch(reject);
    });
  return {
    answered: (ask) => (Number.isFinite(world.clock.speed) ? overLoopback(ask) : inProcess(ask)),
    put: (url, answer) => {
      waiting.get(url)?.(answer);
      waiting.delete(url);
    },
  };
}

async function overLoopback(ask: (url: string) => Promise<unknown>): Promise<unknown> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // What never answers keeps no process alive.
  server.unref();
  const said = new Promise((resolve, reject) => {
    server.on('request', (request, response) => {
      if (request.method !== 'PUT') return void response.writeHead(405).end();
      json(request).then((answer) => response.end(() => resolve(answer)), reject);
    });
    ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`).catch(reject);
  });
  return said.finally(() => server.close());
}
