import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { INSTANCE } from '../../support/deployed';
import { STEPUP, started } from '../localProcess';

const PATH = `/v1/grants/patch/instances/${INSTANCE}/elevations`;
const item = {
  ...{ name: 'held', instanceId: INSTANCE, grant: 'patch', work: 'hold', requester: 'somebody', reason: null },
  ...{ status: 'RUNNING', started: '2026-11-22T06:52:09Z', stopped: null, href: `${PATH.slice(3)}/held` },
};
const HOLD = { state: 'Hold', entered: '2026-11-22T06:52:40Z' };
const held = {
  ...{ ...item, executionArn: 'arn:aws:states:us-east-1:123456789012:execution:x-elevation:held', state: 'Hold' },
  ...{ timeline: [HOLD], expires: null, outcome: null, recovery: null, script: null },
  hold: { since: HOLD.entered, until: '2026-11-22T07:37:40Z', released: null },
};
const released = {
  ...{ ...held, status: 'SUCCEEDED', state: 'Succeeded', stopped: '2026-11-22T06:53:00Z' },
  ...{ timeline: [HOLD, { state: 'Succeeded', entered: '2026-11-22T06:53:00Z' }] },
  hold: { ...held.hold, released: 'somebody' },
  outcome: { error: '', cause: '', restored: 'given-back', notes: [] },
};

/** Just enough of the API for a process that is started for real: here it is about sockets and signals. */
let server: Server;
const asked: string[] = [];
let signedWith = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    signedWith = request.headers.authorization ?? '';
    const isReleased = asked.includes(`POST ${PATH}/held/release`);
    asked.push(line);
    const answer = line === `POST ${PATH}` ? item : isReleased ? released : held;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

test('SIGTERM with --release-on-exit: the hold is released, and its end waited for', async () => {
  const STEPUP_API = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const hold = ['hold', '--instance', INSTANCE, '--grant', 'patch', '--for', '45m', '--release-on-exit'];
  const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1' };
  const command = started(spawn(process.execPath, [STEPUP, ...hold], { env: { ...KEYS, STEPUP_API } }));
  while (!command.stderr().includes('Held until 07:37:40 UTC')) await sleep(50);
  process.kill(command.pid, 'SIGTERM');
  expect(await command.ended).toBe(0);
  expect(command.stderr()).toContain('✔ Done: the hold is over.');
  expect([...new Set(asked)]).toEqual([`POST ${PATH}`, `GET ${PATH}/held`, `POST ${PATH}/held/release`]);
  expect(signedWith).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-west-1\/execute-api\//);
});
