import type { Command } from 'commander';
import { type Course, hasEnded, latestOf, nameOf, startOf } from '../course';
import { executionArn } from '../deployment';
import { needsRecovery } from '../ending';
import { EXIT } from '../exitCodes';
import { follow, inShort, inWords, type Result, resultOf, whereOutputIs } from '../follow';
import type { Surroundings } from '../surroundings';
import { card } from '../table';
import { findRecovery, read } from '../watch';
import { found } from './found';
import { type CommonOptions, connect, EXIT_CODES, talking } from './options';

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
    .action(async (name: string, options: CommonOptions & { follow?: boolean }) =>
      end(await status(around, name, options)),
    );

async function status(around: Surroundings, name: string, options: CommonOptions & { follow?: boolean }) {
  const { clients, deployment } = await connect(around, options);
  const arn = executionArn(deployment, name);
  const json = options.json ?? false;
  const course = await found(name, () => read(clients.sfn, arn));
  if (options.follow) return follow({ around, clients, deployment, json }, arn);
  const watcher = { sfn: clients.sfn, clock: around.clock };
  const recoveryArn =
    hasEnded(course) && needsRecovery(course) ? await findRecovery(watcher, deployment, arn, 0) : undefined;
  const recovery = recoveryArn ? await read(clients.sfn, recoveryArn) : undefined;
  const result = resultOf(course, recovery);
  if (!hasEnded(course)) result.exitCode = EXIT.done;
  around.out(json ? `${JSON.stringify(view(course, result), null, 2)}\n` : `${shown(course, result)}\n`);
  return result.exitCode;
}

const view = (course: Course, result: Result) => ({
  ...result,
  state: course.entered.at(-1) ?? null,
  started: new Date(startOf(course)).toISOString(),
  ...(hasEnded(course) ? { stopped: new Date(latestOf(course)).toISOString() } : {}),
});

/** How many of the output's last lines are shown. */
const TAIL = 20;

function shown(course: Course, result: Result): string {
  const { instanceId = '', grant = '', reason = '' } = result.request as Record<string, string>;
  const { script } = result;
  const state = course.entered.at(-1) ?? '';
  return card([
    ['Run', result.name],
    ['Instance', instanceId],
    ['Grant', grant],
    ['Reason', reason],
    ['Started', new Date(startOf(course)).toISOString()],
    ['Status', hasEnded(course) ? `${course.status} at ${new Date(latestOf(course)).toISOString()}` : 'RUNNING'],
    ['State', hasEnded(course) ? '' : inWords('elevation', state).replace(/ {2,}/, ': ')],
    ['Recovery', result.recovery ? nameOf(result.recovery) : ''],
    ['Outcome', hasEnded(course) ? inShort(result) : ''],
    ['Script', script ? `${script.statusDetails}, exit code ${script.exitCode}` : ''],
    ['Output', script ? script.stdout.trimEnd().split('\n').slice(-TAIL).join('\n') : ''],
    ['Errors', script ? script.stderr.trimEnd().split('\n').slice(-TAIL).join('\n') : ''],
    ['', script ? whereOutputIs(script).join('\n') : ''],
  ]);
}
