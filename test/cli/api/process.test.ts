import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { STEPUP, started } from '../localProcess';
import { HOLD, heldApi, PATHS } from './heldApi';

test('SIGTERM with --release-on-exit: the hold is released, and its end waited for', async () => {
  const command = started(spawn(process.execPath, [STEPUP, ...HOLD, '--release-on-exit'], { env: heldApi.env() }));
  while (!command.stderr().includes('Held until 07:37:40 UTC')) await sleep(50);
  process.kill(command.pid, 'SIGTERM');
  expect(await command.ended).toBe(0);
  expect(command.stderr()).toContain('✔ Done: the hold is over.');
  expect(heldApi.asked()).toEqual(PATHS);
  expect(heldApi.signedWith()).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-west-1\/execute-api\//,
  );
}, 30_000);
