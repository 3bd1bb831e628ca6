import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

/** More than a pipe holds. */
const LONG = 'x'.repeat(300_000);
const machine = (kind: string) => ({ name: `a-${kind}`, stateMachineArn: `arn:aws:states:::stateMachine:a-${kind}` });

/** Just enough of Step Functions for the command to print a lot: here it is about pipes. */
const ANSWERS: Record<string, object> = {
  ListStateMachines: { stateMachines: [machine('elevation'), machine('recovery')] },
  GetExecutionHistory: {
    events: [
      { id: 2, type: 'ExecutionSucceeded', timestamp: 2, executionSucceededEventDetails: { output: LONG } },
      { id: 1, type: 'ExecutionStarted', timestamp: 1, executionStartedEventDetails: { input: LONG } },
    ],
  },
};

let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify(ANSWERS[operation]));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

function start(...argv: string[]) {
  const child = spawn(process.execPath, [join(__dirname, '..', '..', 'cli', 'stepup.cjs'), ...argv], {
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  });
  return { child, ended: once(child, 'close').then(([code]) => code as number), errors: text(child.stderr) };
}

test('a slow reader gets everything', async () => {
  const { child, ended, errors } = start('history', 'x', '--json');
  await once(child.stdout, 'readable');
  await sleep(300);
  expect(await json(child.stdout)).toHaveLength(2);
  expect([await ended, await errors]).toEqual([0, '']);
});

test('a reader that has read enough is no error', async () => {
  const { child, ended, errors } = start('history', 'x', '--json');
  child.stdout.destroy();
  expect([await ended, await errors]).toEqual([0, '']);
});
