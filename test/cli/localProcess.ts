import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(__dirname, '..', '..');
export const STEPUP = join(ROOT, 'cli', 'stepup.cjs');

export interface LocalProcess {
  pid: number;
  /** What has been written so far. */
  stdout(): string;
  stderr(): string;
  /** The process has ended. */
  ended: Promise<number | null>;
}

/** `npx stepup local …`, without npx. */
export const startLocal = (...options: string[]): LocalProcess =>
  started(spawn(process.execPath, [STEPUP, 'local', ...options], { cwd: ROOT }));

export function started(child: ChildProcessWithoutNullStreams): LocalProcess {
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      written[stream] += chunk;
    });
  }
  return {
    pid: child.pid as number,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}

/** Resolves when the account is up: then, and not before, there is its file of exports, and then it says the same. */
export async function isUp({ stdout, stderr, ended }: LocalProcess, exports: string): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!existsSync(exports) || readFileSync(exports).length === 0 || stdout() === '') {
    if (over) throw new Error(`It ended before it was up:\n${stderr()}`);
    await sleep(20);
  }
}
