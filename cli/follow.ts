import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Script } from '../state-machine/document';
import elevation from '../state-machine/elevation.asl.json';
import recovery from '../state-machine/recovery.asl.json';
import { type Course, latestOf, nameOf, startOf } from './course';
import type { Deployment } from './deployment';
import { type Ending, endingOf, needsRecovery } from './ending';
import { EXIT } from './exitCodes';
import { awsFailure, CommandFailure, isAwsFailure } from './failure';
import type { Clients, Surroundings } from './surroundings';
import { findRecovery, type Watcher, watch } from './watch';

export type Machine = 'elevation' | 'recovery';
type Ended = Extract<Script, { done: true }>;
const STATES: Record<Machine, Record<string, { Comment: string; Type: string } | undefined>> = {
  elevation: elevation.States,
  recovery: recovery.States,
};

/** The states' own comments are what a person reads in the console too; here their first sentences. */
export const inWords = (machine: Machine, state: string): string =>
  `${state.padEnd(18)} ${STATES[machine][state]?.Comment.replace(/(?<=[.?]) .*/, '') ?? ''}`.trimEnd();

/** What has become of an elevation, as `--json` prints it. */
export interface Result extends Ending {
  name: string;
  executionArn: string;
  status: Course['status'];
  request: unknown;
  script: Ended | null;
  /** Execution ARN of the recovery, if it took one. */
  recovery: string | null;
}

export interface Following {
  around: Surroundings;
  clients: Clients;
  deployment: Deployment;
  json: boolean;
}

/**
 * Follows an elevation, and its recovery if it needs one, to its end; shows states as they are entered and the script's
 * output as soon as it is known. Ctrl-C, or AWS becoming unreachable, ends the following and not the run.
 * @returns the exit code
 */
export async function follow(following: Following, executionArn: string): Promise<number> {
  const { around } = following;
  let stopListening = () => {};
  const interrupted = new Promise<'interrupted'>((resolve) => {
    stopListening = around.onInterrupt(() => resolve('interrupted'));
  });
  try {
    const result = await Promise.race([toTheEnd(following, executionArn), interrupted]);
    if (result === 'interrupted') {
      around.err(`\n${goesOn(executionArn)}\n`);
      return EXIT.interrupted;
    }
    show(following, result);
    return result.exitCode;
  } catch (error) {
    if (!isAwsFailure(error)) throw error;
    const { message, exitCode } = awsFailure(error);
    throw new CommandFailure(`${message}\n${goesOn(executionArn)}`, exitCode, { cause: error });
  } finally {
    stopListening();
  }
}

/** What the caller can do who does not wait for the end. */
export const goesOn = (executionArn: string): string =>
  [
    'The run goes on.',
    `  Follow it:  stepup status ${nameOf(executionArn)} --follow`,
    `  Stop it, and the instance gets its profile back:  aws stepfunctions stop-execution --execution-arn ${executionArn}`,
  ].join('\n');

async function toTheEnd({ around, clients, deployment, json }: Following, executionArn: string): Promise<Result> {
  const watcher = { sfn: clients.sfn, clock: around.clock };
  const showScript = json ? () => undefined : (script: Ended) => showOutput(around, script);
  const course = await watch(watcher, executionArn, narrate(around, 'elevation', showScript));
  const recovered = needsRecovery(course) ? await followRecovery(around, watcher, deployment, executionArn) : undefined;
  return resultOf(course, recovered);
}

async function followRecovery(around: Surroundings, watcher: Watcher, deployment: Deployment, elevationArn: string) {
  around.err('The execution ended before it had restored: waiting for its recovery.\n');
  const arn = await findRecovery(watcher, deployment, elevationArn);
  return arn
    ? watch(
        watcher,
        arn,
        narrate(around, 'recovery', () => undefined),
      )
    : undefined;
}

export function resultOf(course: Course, recovered?: Course): Result {
  const { script } = course.document;
  return {
    ...endingOf(course, recovered),
    name: nameOf(course.executionArn),
    executionArn: course.executionArn,
    status: course.status,
    request: course.document.request,
    script: script?.done ? script : null,
    recovery: recovered?.executionArn ?? null,
  };
}

/** Tells a state when it is first entered, in seconds of the account; loops through waits would only make noise. */
function narrate(around: Surroundings, machine: Machine, onScript: (script: Ended) => void) {
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
function showOutput({ out, err }: Surroundings, script: Ended): void {
  out(script.stdout);
  err(script.stderr);
  if (/[^\n]$/.test(script.stderr || script.stdout)) err('\n');
  if (script.truncated) err(`\n[SSM keeps the first 24,000 characters of the output and 8,000 of the errors.]\n`);
  for (const line of whereOutputIs(script)) err(`${line}\n`);
}

/** Where the whole output is, one line for each place. */
export const whereOutputIs = ({ stdoutUrl, stderrUrl, logGroup, logStreams }: Ended): string[] =>
  [
    stdoutUrl && `Full output: ${stdoutUrl}`,
    stderrUrl && `Full errors: ${stderrUrl}`,
    logGroup && `Full output: log group ${logGroup}, streams ${logStreams}/*`,
  ].filter(Boolean);

function show({ around, json }: Following, result: Result): void {
  if (json) around.out(`${JSON.stringify(result, null, 2)}\n`);
  else around.err(`${inShort(result)}\n`);
}

/** The end of a run in a few lines. */
export function inShort({ exitCode, error, cause, notes, script }: Result): string {
  const done = exitCode === EXIT.done;
  // Of a script's own failure the rest of the cause is its output, which stands above; the notes follow in any case.
  const why = script && error === script.status ? cause.split('\n')[0] : cause.replace(/\nAfterwards: .*$/s, '');
  const head = done ? `✔ Done: the script's exit code is ${script?.exitCode ?? 0}.` : `✖ ${error}: ${why}`;
  const more = notes.filter((note) => !head.includes(note)).map((note) => `  ${note}`);
  return [head, ...more, ...(done ? [] : ['docs/runbook.md says what to do about it.'])].join('\n');
}
