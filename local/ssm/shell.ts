import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants as system, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Shell } from '../world';

/** Characters of each stream that are kept; the rest is read and dropped, so that the script does not block. */
const KEPT = 1_048_576;

/** Runs scripts as child processes, each the leader of its own process group. */
export function childShell(): Shell {
  return {
    run: async ({ kind, script, ...options }) => {
      if (kind === 'powershell' && !onPath('pwsh', options.env.PATH)) {
        return { exitCode: 1, stdout: '', stderr: 'pwsh: PowerShell is not installed on this machine' };
      }
      const folder = await mkdtemp(join(tmpdir(), 'stepup-script-'));
      const file = join(folder, kind === 'sh' ? '_script.sh' : '_script.ps1');
      try {
        await writeFile(file, `${script}\n`, { mode: 0o700 });
        // `sh -c FILE`, as the agent does: a script may name its own interpreter in its first line.
        return kind === 'sh'
          ? await runChild('sh', ['-c', file], options)
          : await runChild('pwsh', ['-f', file], options);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

type Options = Pick<Parameters<Shell['run']>[0], 'env' | 'cwd' | 'signal'>;

function runChild(command: string, args: string[], { env, cwd, signal }: Options): ReturnType<Shell['run']> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve({ exitCode: 137, stdout: '', stderr: '' });
    const child = spawn(command, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const killGroup = () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group has ended by itself.
      }
    };
    const abort = () => {
      killGroup();
      // A process that left the group may still hold them open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    signal.addEventListener('abort', abort, { once: true });
    child.once('error', reject);
    // On a real instance what a script leaves running lives on. Nothing outlives its command on a developer's machine.
    child.once('exit', killGroup);
    child.once('close', (code, death) => {
      signal.removeEventListener('abort', abort);
      const exitCode = code ?? 128 + (death ? system.signals[death] : 0);
      resolve({ exitCode, stdout: stdout(), stderr: stderr() });
    });
  });
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk.slice(0, KEPT - text.length);
  });
  return () => text;
}

/** Is there such a program in one of the folders of `path`? */
export function onPath(command: string, path = ''): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
