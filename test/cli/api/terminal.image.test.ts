import { spawn } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { STEPUP, started } from '../localProcess';
import { HOLD, heldApi } from './heldApi';

/** Runs the command at a terminal, and closes that when it says what is left; prints how the command ended. */
const AT_TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b''
while b' left' not in said:
    said += os.read(terminal, 4096)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

test('a terminal that is closed: with --release-on-exit the hold is released, and the process ends in order', async () => {
  const argv = ['-c', AT_TERMINAL, process.execPath, STEPUP, ...HOLD, '--release-on-exit'];
  const python = started(spawn('python3', argv, { env: { ...heldApi.env(), PATH: process.env.PATH } }));
  expect(await python.ended).toBe(0);
  expect(heldApi.isReleased()).toBe(true);
  // Nothing of what it had to say could be written.
  expect(python.stdout()).toBe('70\n');
}, 30_000);
