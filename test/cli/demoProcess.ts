import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const ROOT = join(__dirname, '..', '..');

/** Runs the demo as `npm run demo` does, without a terminal. */
export async function demo(...options: string[]) {
  const started = performance.now();
  const child = spawn(process.execPath, [require.resolve('tsx/cli'), 'cli/demo/main.ts', ...options], { cwd: ROOT });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout, stderr, seconds: (performance.now() - started) / 1000 };
}
