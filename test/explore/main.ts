import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Assumptions, DEFAULT_ASSUMPTIONS } from '../../local/world';
import { cost, forgetCost } from './cost';
import { guarantee } from './guarantee';
import { judge } from './judge';
import { planned, type Share, type Wanted } from './plan';
import { replay } from './replay';
import { Summary, type Told } from './report';
import { SCENARIOS } from './scenarios';
import { parse } from './schedule';

const USAGE = `Explores what faults can do to the promises of docs/design.md.

npm run explore                        every single fault of every scenario
npm run explore -- --negate            those of one elevation, with each assumption about AWS negated
npm run explore -- --pairs             every two faults
npm run explore -- --random N --seed S N storms of two to six faults, times and delays drawn by the seed
npm run explore -- --replay 'SCHEDULE' one schedule, call by call
npm run explore -- --write             singles, as they are and negated, into docs/guarantee.md

--scenario NAME   only this one of: ${Object.keys(SCENARIOS).join(', ')} (may be repeated)
--not NAME        with this assumption negated: ${Object.keys(DEFAULT_ASSUMPTIONS).join(', ')} (may be repeated)
--part I/N        only each N-th schedule, from the I-th on (1/10 … 10/10 are all)
--jobs N          processes; default: one for each core`;

const GUARANTEE = join(__dirname, '..', '..', 'docs', 'guarantee.md');

function options(argv: string[]) {
  const { values } = parseArgs({
    args: argv,
    options: {
      pairs: { type: 'boolean' },
      negate: { type: 'boolean' },
      random: { type: 'string' },
      seed: { type: 'string' },
      replay: { type: 'string' },
      write: { type: 'boolean' },
      scenario: { type: 'string', multiple: true },
      not: { type: 'string', multiple: true },
      part: { type: 'string' },
      jobs: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  for (const name of ['random', 'seed', 'jobs'] as const) {
    if (!/^[1-9]\d*$/.test(values[name] ?? '1')) throw new Error(`--${name} is a number, 1 at least.\n\n${USAGE}`);
  }
  const [part = 0, parts = 0] = /^\d+\/\d+$/.test(values.part ?? '1/1')
    ? (values.part ?? '1/1').split('/').map(Number)
    : [];
  if (part < 1 || part > parts) throw new Error(`--part is I/N, from 1/N to N/N.\n\n${USAGE}`);
  return values;
}

type Options = ReturnType<typeof options>;

/** Where an assumption is negated: in one elevation, and where else it would show. */
const telling = (assumption: string): string[] => ['one', ...(ALSO[assumption as keyof Assumptions] ?? [])];

const ALSO: Partial<Record<keyof Assumptions, string[]>> = {
  oneReplaceWins: ['two'],
  commandsAreListed: ['stopped'],
  listsAreCurrent: ['stopped'],
};

function wanted({ pairs, negate, write, random, seed, scenario, not }: Options): Wanted {
  const names = Object.keys(DEFAULT_ASSUMPTIONS);
  const unknown = [
    ...(scenario ?? []).filter((name) => !SCENARIOS[name]),
    ...(not ?? []).filter((name) => !names.includes(name)),
  ];
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', no ')}.\n\n${USAGE}`);
  return {
    kind: random ? 'random' : pairs ? 'pairs' : 'singles',
    count: Number(random ?? 0),
    seed: Number(seed ?? 1),
    worlds: [
      ...(negate ? [] : [{ scenarios: scenario ?? Object.keys(SCENARIOS), not: not ?? [] }]),
      ...(negate || write ? names.map((name) => ({ scenarios: scenario ?? telling(name), not: [name] })) : []),
    ],
  };
}

/** The part that was asked for, and of it this process's share. */
function shareOf({ part = '1/1' }: Options, { index, of }: Share): Share {
  const [first = 1, parts = 1] = part.split('/').map(Number);
  return { index: first - 1 + index * parts, of: parts * of };
}

/** What a process of its own is told by. */
const SHARE = 'STEPUP_EXPLORE_SHARE';

async function main(): Promise<void> {
  const values = options(process.argv.slice(2));
  if (values.help) return console.log(USAGE);
  // A cold start, mostly of the compiler: it is no schedule's cost.
  await judge(parse('one'));
  forgetCost();
  if (values.replay !== undefined) {
    process.exitCode = await replay(parse(values.replay));
    return;
  }
  const share = process.env[SHARE];
  if (share) return explore(values, JSON.parse(share));
  const summary = new Summary((line) => console.log(line));
  await together(Number(values.jobs ?? availableParallelism()), summary);
  if (values.write) writeFileSync(GUARANTEE, guarantee(summary));
  process.exitCode = summary.close();
}

/** Plays this process's share, and tells the one that started it. */
async function explore(values: Options, share: Share): Promise<void> {
  const tell = (told: Told) => process.send?.(told);
  for await (const schedule of planned(wanted(values))(shareOf(values, share))) {
    const { trace: _, ...verdict } = await judge(schedule);
    tell({ verdict });
  }
  tell({ cost });
  process.disconnect();
}

async function together(jobs: number, summary: Summary): Promise<void> {
  const processes = Array.from({ length: jobs }, (_, index) => {
    const child = fork(process.argv[1] as string, process.argv.slice(2), {
      env: { ...process.env, [SHARE]: JSON.stringify({ index, of: jobs }) },
    });
    child.on('message', (message) => summary.take(message as Told));
    return new Promise<void>((resolve, reject) => {
      child.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`An exploring process ended with ${code}`)),
      );
    });
  });
  await Promise.all(processes);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
