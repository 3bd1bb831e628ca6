import { fork } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { ASSEMBLY } from '../../support/deployed';
import { judge } from '../judge';
import { SCENARIOS } from '../scenarios';
import { parse } from '../schedule';
import { mutatedSources, mutatedTemplate, writeAssembly } from './apply';
import type { Mutation } from './mutation';
import type { Suspect, Task, Told } from './worker';

const ROOT = join(__dirname, '..', '..');
const SCRATCH = join(ROOT, '.stepup', 'explore');

/** What became of the search for a schedule that shows a removal. */
export interface Found {
  schedule?: string;
  /** What was not as it is with the protection. */
  by?: string;
  played: number;
}

/** How much is looked through when no hint finds a removal. */
export interface Effort {
  /** Every how manieth single fault. */
  each: number;
  /** How many storms. */
  random: number;
}

/**
 * Plays schedules without a protection until a promise is broken that is kept with it.
 * @throws Error when the protection is not where the table says, or the program fails without it
 */
export async function hunt(mutation: Mutation, effort: Effort): Promise<Found> {
  const bundle = join(SCRATCH, `mutant-${process.pid}.cjs`);
  const assembly = join(SCRATCH, `mutant-${process.pid}`);
  try {
    await bundleWithout(mutation, bundle);
    const template = mutatedTemplate(mutation.remove, ASSEMBLY);
    const assets = readdirSync(ASSEMBLY).filter((name) => name.startsWith('asset.'));
    if (template) writeAssembly(template, ASSEMBLY, assembly, assets);
    return await follow(bundle, template ? assembly : ASSEMBLY, taskOf(mutation, effort));
  } finally {
    for (const path of [bundle, assembly]) rmSync(path, { recursive: true, force: true });
  }
}

function taskOf({ hints = [], not = [] }: Mutation, effort: Effort): Task {
  const common = { worlds: [{ scenarios: Object.keys(SCENARIOS), not }], seed: 1 };
  const singles = { each: effort.each, wanted: { ...common, kind: 'singles' as const, count: 0 } };
  const storms = { each: 1, wanted: { ...common, kind: 'random' as const, count: effort.random } };
  return { hints, plans: [...(effort.each ? [singles] : []), ...(effort.random ? [storms] : [])] };
}

async function bundleWithout({ remove }: Mutation, outfile: string): Promise<void> {
  const texts = mutatedSources(remove, ROOT);
  const removing: Plugin = {
    name: 'removing',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = texts.get(path);
        return contents === undefined ? undefined : { contents, loader: 'ts' };
      });
    },
  };
  const entryPoints = [join(ROOT, 'test', 'explore', 'mutations', 'worker.ts')];
  await build({
    entryPoints,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error',
    plugins: [removing],
  });
}

/** No schedule takes nearly as long; one whose runs go round and round does. */
const ENDLESS_MS = 30_000;

/** A mutant plays; what it finds is played with the protection in place, too. */
function follow(bundle: string, assembly: string, task: Task): Promise<Found> {
  const child = fork(bundle, [JSON.stringify(task)], { env: { ...process.env, STEPUP_ASSEMBLY: assembly } });
  return new Promise<Found>((resolve, reject) => {
    let limit: NodeJS.Timeout | undefined;
    let played = 0;
    child.on('message', async (told: Told) => {
      clearTimeout(limit);
      if ('playing' in told) {
        const { playing: schedule } = told;
        played += 1;
        limit = setTimeout(() => resolve({ schedule, by: 'its runs, which do not end,', played }), ENDLESS_MS).unref();
      } else if (!('schedule' in told)) {
        resolve(told);
      } else {
        const by = await difference(told);
        if (by) resolve({ ...told, by });
        else child.send('go on');
      }
    });
    child.on('exit', (code) => reject(new Error(`without it the program ended with ${code}`)));
  }).finally(() => child.kill());
}

/** @returns which promise is kept with the protection and broken without; or how a run fails that succeeds with it */
async function difference({ schedule, broken, ends }: Suspect): Promise<string | undefined> {
  const usual = await judge(parse(schedule));
  const known = new Set(usual.broken.map(({ says }) => says));
  const first = broken.find(({ says }) => !known.has(says));
  if (first) return `promise ${first.promise}, ${first.says}`;
  const failed = ends.find((end) => end !== 'SUCCEEDED');
  return failed && usual.ends.every((end) => end === 'SUCCEEDED') ? `its end, ${failed}` : undefined;
}
