import type { Command } from 'commander';
import { againAt } from '../again';
import { type ApiOptions, connectApi, isByApi, maybeAsking } from '../api/connect';
import { resultOfElevation } from '../api/course';
import { locate, read as readElevation } from '../api/elevations';
import { apiRun } from '../api/run';
import { shownOf } from '../course';
import { executionArnOf } from '../deployment';
import { directRun } from '../directRun';
import { needsRecovery } from '../ending';
import { EXIT, EXIT_CODES } from '../exitCodes';
import { type Followed, follow, inWords } from '../follow';
import { interruptible } from '../interruptible';
import { inShort, type Result, resultOf, whereOutputIs } from '../result';
import type { Surroundings } from '../surroundings';
import { card } from '../table';
import { findRecovery, read } from '../watch';
import { found } from './found';
import { connect, once, talking } from './options';

interface StatusOptions extends ApiOptions {
  instance?: string;
  grant?: string;
  follow?: boolean;
}

const HELP = `
Examples:
  stepup status 20261122-065209-1f2e3d
  stepup status 20261122-065209-1f2e3d --follow
  stepup status 0193f3a5-6c1e-7000-8000-00c04fd430c8-5d41402abc4b2a76 --instance i-0123456789abcdef0 --grant patch
  stepup status arn:aws:states:us-east-1:123456789012:execution:StepUp-us-east-1-elevation:monthly --json

${EXIT_CODES}
A run that goes on is 0.

By the API: with --instance and --grant the run is asked for at once, which whoever may start it may; else it is looked for in
the lists, which may need more.`;

export const statusCommand = (around: Surroundings, end: (code: number) => void): Command =>
  maybeAsking(talking('status'))
    .description('where a run is, or how it ended')
    .argument('<name>', 'of the run, or the ARN of its execution')
    .option('--instance <id>', 'by the API: of the run', once())
    .option('--grant <name>', 'by the API: of the run', once())
    .option('--follow', 'follow it to its end, as `stepup run` does')
    .addHelpText('after', HELP)
    .action(async (name: string, options: StatusOptions) => end(await status(around, name, options)));

function status(around: Surroundings, name: string, options: StatusOptions): Promise<number> {
  const ask = isByApi(around, options) ? askApi : askDirectly;
  return interruptible(around, '', async (lastWords) => {
    const { now, followed } = await ask(around, name, options);
    const { json = false } = options;
    if (options.follow) return follow({ around, json, lastWords }, followed);
    const result = await now();
    around.out(json ? `${JSON.stringify(result, null, 2)}\n` : `${shown(result)}\n`);
    return result.exitCode ?? EXIT.done;
  });
}

interface Asked {
  /** How it stands now. */
  now(): Promise<Result>;
  followed: Followed;
}

async function askDirectly(around: Surroundings, name: string, options: StatusOptions): Promise<Asked> {
  const { clients, deployment } = await connect(around, options);
  const arn = executionArnOf(deployment, name);
  const course = await found(name, () => read(clients.sfn, arn));
  const watcher = { sfn: clients.sfn, clock: around.clock };
  return {
    followed: directRun({ around, clients, deployment, again: againAt(around, options) }, arn),
    now: async () => {
      const recoveryArn = needsRecovery(course) ? await findRecovery(watcher, deployment, course, 0) : undefined;
      return resultOf(course, recoveryArn ? await read(clients.sfn, recoveryArn) : undefined);
    },
  };
}

async function askApi(around: Surroundings, name: string, options: StatusOptions): Promise<Asked> {
  const api = await connectApi(around, options);
  const address = await locate(api, name, options);
  return {
    followed: apiRun({ around, api, again: againAt(around, options) }, address),
    now: async () => resultOfElevation(await readElevation(api, address)),
  };
}

/** How many of a stream's last lines are shown. */
const TAIL = 20;
const tail = (text = ''): string => text.trimEnd().split('\n').slice(-TAIL).join('\n');

function shown(result: Result): string {
  const { name, status, state, started, stopped, script, recovery } = result;
  const { instanceId, grant, reason } = shownOf(result.request);
  return card([
    ['Run', name],
    ['Instance', instanceId],
    ['Grant', grant],
    ['Requester', result.requester],
    ['Reason', reason],
    ['Started', started],
    ['Status', stopped ? `${status} at ${stopped}` : status],
    ['State', stopped || !state ? '' : inWords('elevation', state).replace(/ {2,}/, ': ')],
    ['Held until', result.heldUntil ?? ''],
    ['Recovery', recovery ?? ''],
    ['Outcome', stopped ? inShort(result) : ''],
    ['Script', script ? `${script.statusDetails}, exit code ${script.exitCode}` : ''],
    ['Output', tail(script?.stdout)],
    ['Errors', tail(script?.stderr)],
    ['', script ? whereOutputIs(script).join('\n') : ''],
  ]);
}
