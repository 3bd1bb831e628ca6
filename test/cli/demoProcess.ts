import { type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const ROOT = join(__dirname, '..', '..');

/** As `npm run demo` does, without a terminal. */
const start = (options: string[], more: SpawnOptionsWithoutStdio = {}) =>
  spawn(process.execPath, [require.resolve('tsx/cli'), 'cli/demo/main.ts', ...options], { cwd: ROOT, ...more });

/** Runs the demo to its end. */
export async function demo(...options: string[]) {
  const started = performance.now();
  const child = start(options);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout, stderr, seconds: (performance.now() - started) / 1000 };
}

/** Runs the demo, its temporary files in `folder`, until it says `moment`; then stops it as Ctrl-C does in a terminal. */
export async function interrupted(folder: string, moment: string, ...options: string[]) {
  const child = start(options, { detached: true, env: { ...process.env, TMPDIR: folder } });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const before = stdout.includes(moment);
    stdout += chunk;
    if (!before && stdout.includes(moment)) process.kill(-child.pid!, 'SIGINT');
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr, group: child.pid! };
}
