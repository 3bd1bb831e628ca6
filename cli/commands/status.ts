import type { Command } from 'commander';
import { againAt } from '../again';
import { shownOf } from '../course';
import { executionArnOf } from '../deployment';
import { needsRecovery } from '../ending';
import { EXIT, EXIT_CODES } from '../exitCodes';
import { follow, inWords } from '../follow';
import { interruptible } from '../interruptible';
import { inShort, type Result, resultOf, whereOutputIs } from '../result';
import type { Surroundings } from '../surroundings';
import { card } from '../table';
import { findRecovery, read } from '../watch';
import { found } from './found';
import { type CommonOptions, connect, talking } from './options';

interface StatusOptions extends CommonOptions {
  follow?: boolean;
}

const HELP = `
Examples:
  stepup status 20261122-065209-1f2e3d
  stepup status 20261122-065209-1f2e3d --follow
  stepup status arn:aws:states:us-east-1:123456789012:execution:StepUp-us-east-1-elevation:monthly --json

${EXIT_CODES}
A run that goes on is 0.`;

export const statusCommand = (around: Surroundings, end: (code: number) => void): Command =>
  talking('status')
    .description('where a run is, or how it ended')
    .argument('<name>', 'of the run, or the ARN of its execution')
    .option('--follow', 'follow it to its end, as `stepup run` does')
    .addHelpText('after', HELP)
    .action(async (name: string, options: StatusOptions) => end(await status(around, name, options)));

function status(around: Surroundings, name: string, options: StatusOptions): Promise<number> {
  return interruptible(around, '', async (lastWords) => {
    const { clients, deployment } = await connect(around, options);
    const arn = executionArnOf(deployment, name);
    const json = options.json ?? false;
    const course = await found(name, () => read(clients.sfn, arn));
    if (options.follow)
      return follow({ around, clients, deployment, json, again: againAt(around, options), lastWords }, arn);
    const watcher = { sfn: clients.sfn, clock: around.clock };
    const recoveryArn = needsRecovery(course) ? await findRecovery(watcher, deployment, course, 0) : undefined;
    const result = resultOf(course, recoveryArn ? await read(clients.sfn, recoveryArn) : undefined);
    around.out(json ? `${JSON.stringify(result, null, 2)}\n` : `${shown(result)}\n`);
    return result.exitCode ?? EXIT.done;
  });
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
    ['Reason', reason],
    ['Started', started],
    ['Status', stopped ? `${status} at ${stopped}` : status],
    ['State', stopped || !state ? '' : inWords('elevation', state).replace(/ {2,}/, ': ')],
    ['Recovery', recovery ?? ''],
    ['Outcome', stopped ? inShort(result) : ''],
    ['Script', script ? `${script.statusDetails}, exit code ${script.exitCode}` : ''],
    ['Output', tail(script?.stdout)],
    ['Errors', tail(script?.stderr)],
    ['', script ? whereOutputIs(script).join('\n') : ''],
  ]);
}
