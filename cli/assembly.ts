import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const ROOT = join(__dirname, '..');
export const ASSEMBLY = join(ROOT, '.stepup', 'demo');
/** What the synthesised stack is made of. */
const SOURCES = ['functions', 'infra', 'state-machine', 'stepup.config.json', 'package-lock.json'];

/** Is the assembly younger than everything that it is made of? */
export function isFresh(): boolean {
  const manifest = join(ASSEMBLY, 'manifest.json');
  const sources = SOURCES.map((source) => join(ROOT, source)).filter((source) => existsSync(source));
  return existsSync(manifest) && sources.every((source) => newest(source) < statSync(manifest).mtimeMs);
}

function newest(path: string): number {
  const { mtimeMs } = statSync(path);
  const inside = statSync(path).isDirectory() ? readdirSync(path).map((name) => newest(join(path, name))) : [];
  return Math.max(mtimeMs, ...inside);
}

/** Runs the CDK app, as `cdk synth` does. */
export async function synthesise(): Promise<void> {
  const child = spawn(process.execPath, [require.resolve('tsx/cli'), join('infra', 'bin', 'stepup.ts')], {
    cwd: ROOT,
    env: { ...process.env, CDK_OUTDIR: ASSEMBLY },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [[code], errors] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  if (code !== 0) throw new Error(`The stack could not be synthesised:\n${errors}`);
}
