import type { HistoryEvent } from '@aws-sdk/client-sfn';
import elevation from '../state-machine/elevation.asl.json';
import recovery from '../state-machine/recovery.asl.json';
import type { Again } from './again';
import { type Course, latestOf, nameOf, startOf } from './course';
import type { Deployment } from './deployment';
import { needsRecovery } from './ending';
import { EXIT } from './exitCodes';
import type { LastWords } from './interruptible';
import { type EndedScript, inShort, resultOf, whereOutputIs } from './result';
import type { Clients, Surroundings } from './surroundings';
import { findRecovery, watch } from './watch';

export type Machine = 'elevation' | 'recovery';
const STATES: Record<Machine, Record<string, { Comment: string; Type: string } | undefined>> = {
  elevation: elevation.States,
  recovery: recovery.States,
};

/** The states' own comments are what a person reads in the console too; here their first sentences. */
export const inWords = (machine: Machine, state: string): string =>
  `${state.padEnd(18)} ${STATES[machine][state]?.Comment.replace(/(?<=[.?]) .*/, '') ?? ''}`.trimEnd();

interface Following {
  around: Surroundings;
  clients: Clients;
  deployment: Deployment;
  json: boolean;
  /** What `stepup` and `aws` need besides, to find the same AWS again. */
  again: Again;
  /** Kept up to date with what the caller can do who does not wait for the end. */
  lastWords: LastWords;
}

/**
 * Follows an elevation, and its recovery if it needs one, to its end; shows states as they are entered, and the script's
 * output once its command has ended.
 * @returns the exit code
 */
export async function follow(following: Following, executionArn: string): Promise<number> {
  const { around, clients, deployment, json, again, lastWords } = following;
  const watcher = { sfn: clients.sfn, clock: around.clock };
  lastWords.say(goesOn(executionArn, again));
  const showScript = json ? () => undefined : (script: EndedScript) => showOutput(around, script);
  const course = await watch(watcher, executionArn, narrate(around, 'elevation', showScript));
  let recovered: Course | undefined;
  if (needsRecovery(course)) {
    around.err('The execution ended before it had restored: waiting for its recovery.\n');
    lastWords.say(
      `The instance is being recovered.\n  See how it went:  ${again.stepup('status', nameOf(executionArn))}`,
    );
    const arn = await findRecovery(watcher, deployment, course);
    recovered = arn ? await watch(watcher, arn, narrate(around, 'recovery')) : undefined;
  }
  const result = resultOf(course, recovered);
  if (json) around.out(`${JSON.stringify(result, null, 2)}\n`);
  else around.err(`${inShort(result)}\n`);
  return result.exitCode ?? EXIT.done;
}

/** For whoever does not follow a run to its end. */
export const goesOn = (executionArn: string, again: Again): string =>
  [
    'The run goes on.',
    `  Follow it:  ${again.stepup('status', nameOf(executionArn), '--follow')}`,
    '  Stop it, and the instance gets its profile back:',
    `    ${again.aws('stepfunctions', 'stop-execution', '--execution-arn', executionArn)}`,
  ].join('\n');

/** Tells a state when it is first entered, in seconds of the account; loops through waits would only make noise. */
function narrate(around: Surroundings, machine: Machine, onScript: (script: EndedScript) => void = () => undefined) {
  const told = new Set<string>();
  return (event: HistoryEvent, course: Course) => {
    const entered = event.stateEnteredEventDetails?.name;
    const type = STATES[machine][entered ?? '']?.Type;
    if (entered && !told.has(entered) && type !== 'Choice' && type !== 'Fail') {
      told.add(entered);
      const seconds = ((latestOf(course) - startOf(course)) / 1000).toFixed(1);
      around.err(`${seconds.padStart(7)} s  ${inWords(machine, entered)}\n`);
    }
    const { script } = course.document;
    if (event.stateExitedEventDetails?.name === 'AwaitScript' && script?.done) onScript(script);
  };
}

/** The script's two streams become ours, as they are; what is said after them begins on a line of its own. */
function showOutput({ out, err }: Surroundings, script: EndedScript): void {
  out(script.stdout);
  err(script.stderr);
  if (/[^\n]$/.test(script.stderr || script.stdout)) err('\n');
  if (script.truncated) err('[SSM keeps the first 24,000 characters of the output and 8,000 of the errors.]\n');
  for (const line of whereOutputIs(script)) err(`${line}\n`);
}
