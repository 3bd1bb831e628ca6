import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from '@jest/globals';
import { INSTANCE } from '../../support/deployed';

const PATH = `/v1/grants/patch/instances/${INSTANCE}/elevations`;
const item = {
  ...{ name: 'held', instanceId: INSTANCE, grant: 'patch', work: 'hold', requester: 'somebody', reason: null },
  ...{ status: 'RUNNING', started: '2026-11-22T06:52:09Z', stopped: null, href: `${PATH.slice(3)}/held` },
};
const STATE = { state: 'Hold', entered: '2026-11-22T06:52:40Z' };
const held = {
  ...{ ...item, executionArn: 'arn:aws:states:us-east-1:123456789012:execution:x-elevation:held', state: 'Hold' },
  ...{ timeline: [STATE], expires: null, outcome: null, recovery: null, script: null },
  hold: { since: STATE.entered, until: '2026-11-22T07:37:40Z', released: null },
};
const released = {
  ...{ ...held, status: 'SUCCEEDED', state: 'Succeeded', stopped: '2026-11-22T06:53:00Z' },
  ...{ timeline: [STATE, { state: 'Succeeded', entered: '2026-11-22T06:53:00Z' }] },
  hold: { ...held.hold, released: 'somebody' },
  outcome: { error: '', cause: '', restored: 'given-back', notes: [] },
};

/** Just enough of the API for a process that is started for real: here it is about sockets and signals. */
let server: Server;
const asked: string[] = [];
let signedWith = '';
const release = `POST ${PATH}/held/release`;

export const heldApi = {
  /** What the process is given: the API, and keys. */
  env: () => ({
    ...{ AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1' },
    STEPUP_API: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
  }),
  /** Each request once, as method and path. */
  asked: () => [...new Set(asked)],
  signedWith: () => signedWith,
  isReleased: () => asked.includes(release),
};
export const HOLD = ['hold', '--instance', INSTANCE, '--grant', 'patch', '--for', '45m'];
export const PATHS = [`POST ${PATH}`, `GET ${PATH}/held`, release];

beforeAll(async () => {
  server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    signedWith = request.headers.authorization ?? '';
    const wasReleased = heldApi.isReleased();
    asked.push(line);
    const answer = line === `POST ${PATH}` ? item : wasReleased ? released : held;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());
