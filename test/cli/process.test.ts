import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { json, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { scratchFolder } from '../support/scratch';

/** More than a pipe holds. */
const LONG = 'x'.repeat(300_000);
const machine = (kind: string) => ({ name: `a-${kind}`, stateMachineArn: `arn:aws:states:::stateMachine:a-${kind}` });

const STARTED = { id: 1, type: 'ExecutionStarted', timestamp: 1, executionStartedEventDetails: { input: LONG } };

/** Just enough of Step Functions for the command to print a lot: here it is about pipes. */
const ANSWERS: Record<string, object> = {
  ListStateMachines: { stateMachines: [machine('elevation'), machine('recovery')] },
  GetExecutionHistory: {
    events: [
      { id: 2, type: 'ExecutionSucceeded', timestamp: 2, executionSucceededEventDetails: { output: LONG } },
      STARTED,
    ],
  },
};

let server: Server;
let signedWith = '';
beforeAll(async () => {
  server = createServer(async (request, response) => {
    signedWith = request.headers.authorization ?? '';
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    const answer = (await text(request)).includes(':running"') ? { events: [STARTED] } : ANSWERS[operation];
    response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

const endpoint = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

function start(
  argv: string[],
  variables: Record<string, string> = { AWS_ENDPOINT_URL: endpoint(), AWS_REGION: 'eu-west-1' },
  stdout: number | 'pipe' = 'pipe',
) {
  const command = join(__dirname, '..', '..', 'cli', 'stepup.cjs');
  const child = spawn(process.execPath, [command, ...argv], {
    env: { PATH: process.env.PATH, ...KEYS, ...variables },
    stdio: ['ignore', stdout, 'pipe'],
  }) as ChildProcessByStdio<null, Readable, Readable>;
  return { child, ended: once(child, 'close').then(([code]) => code as number), errors: text(child.stderr) };
}

test('a slow reader gets everything', async () => {
  const { child, ended, errors } = start(['history', 'x', '--json']);
  await once(child.stdout, 'readable');
  await sleep(300);
  expect(await json(child.stdout)).toHaveLength(2);
  expect([await ended, await errors]).toEqual([0, '']);
});

test('a reader that has read enough is no error', async () => {
  const { child, ended, errors } = start(['history', 'x', '--json']);
  child.stdout.destroy();
  expect([await ended, await errors]).toEqual([0, '']);
});

test('the region of AWS_DEFAULT_REGION, as the AWS CLI has it', async () => {
  const { ended } = start(['history', 'x'], { AWS_ENDPOINT_URL: endpoint(), AWS_DEFAULT_REGION: 'eu-west-1' });
  expect(await ended).toBe(0);
});

test('a profile brings its region, its endpoint and its keys, whatever keys are in the environment', async () => {
  const home = scratchFolder('home');
  const profile = `[profile work]\nregion = eu-west-1\nendpoint_url = ${endpoint()}\naws_access_key_id = AKIAWORK\naws_secret_access_key = x\n`;
  writeFileSync(join(home, 'config'), profile);
  const { ended, errors } = start(['history', 'x', '--profile', 'work'], {
    AWS_CONFIG_FILE: join(home, 'config'),
    HOME: home,
  });
  expect([await ended, await errors]).toEqual([0, '']);
  expect(signedWith).toContain('AKIAWORK/');
});

test('a profile that does not exist is said to be just that', async () => {
  const { ended, errors } = start(['history', 'x', '--profile', 'nope'], { HOME: scratchFolder('home') });
  expect([await ended, await errors]).toEqual([2, expect.stringContaining("There is no profile 'nope'")]);
});

const whereThereIsOne = existsSync('/dev/full') ? test : test.skip;
whereThereIsOne('a full disk is no success', async () => {
  const full = openSync('/dev/full', 'w');
  const { ended, errors } = start(['history', 'x'], undefined, full);
  expect([await ended, await errors]).toEqual([70, expect.stringContaining('✖ Not everything could be written: ')]);
  closeSync(full);
});

test('SIGTERM ends the following, and says that the run goes on', async () => {
  const { child, ended, errors } = start(['status', 'running', '--follow']);
  await sleep(2_500);
  child.kill('SIGTERM');
  expect([await ended, await errors]).toEqual([130, expect.stringContaining('The run goes on.')]);
});
