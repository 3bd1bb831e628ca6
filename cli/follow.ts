import type { HistoryEvent } from '@aws-sdk/client-sfn';
import elevation from '../state-machine/elevation.asl.json';
import recovery from '../state-machine/recovery.asl.json';
import { type Course, latestOf, startOf } from './course';
import { needsRecovery } from './ending';
import { EXIT } from './exitCodes';
import type { LastWords } from './interruptible';
import { type EndedScript, inShort, resultOf, whereOutputIs } from './result';
import type { Surroundings } from './surroundings';

export type Machine = 'elevation' | 'recovery';
const STATES: Record<Machine, Record<string, { Comment: string; Type: string } | undefined>> = {
  elevation: elevation.States,
  recovery: recovery.States,
};

/** The states' own comments are what a person reads in the console too; here their first sentences. */
export const inWords = (machine: Machine, state: string): string =>
  `${state.padEnd(18)} ${STATES[machine][state]?.Comment.replace(/(?<=[.?]) .*/, '') ?? ''}`.trimEnd();

/** Told of every event of an execution once, after the course has taken it in. */
export type OnEvent = (event: HistoryEvent, course: Course) => void;

/** A run that can be followed, by whatever tells of it. */
export interface Followed {
  /** How to go on for whoever does not follow it to its end. */
  goesOn: string;
  /** The command that shows how it stands. */
  status: string;
  /** Why a script's output is not all there. */
  cut: string;
  /** Ends with the run. */
  watch(onEvent: OnEvent): Promise<Course>;
  /** Ends with the recovery of a run that could not restore by itself; undefined: there is none. */
  watchRecovery(elevation: Course, onEvent: OnEvent): Promise<Course | undefined>;
}

interface Following {
  around: Pick<Surroundings, 'out' | 'err'>;
  json: boolean;
  /** Kept up to date with what the caller can do who does not wait for the end. */
  lastWords: Pick<LastWords, 'say'>;
}

/**
 * Follows an elevation, and its recovery if it needs one, to its end; shows states as they are entered, and the script's
 * output once its command has ended.
 * @returns the exit code
 */
export async function follow({ around, json, lastWords }: Following, followed: Followed): Promise<number> {
  lastWords.say(followed.goesOn);
  const showScript = json ? () => undefined : (script: EndedScript) => showOutput(around, script, followed.cut);
  const course = await followed.watch(narrate(around, 'elevation', showScript));
  let recovered: Course | undefined;
  if (needsRecovery(course)) {
    around.err('The execution ended before it had restored: waiting for its recovery.\n');
    lastWords.say(`The instance is being recovered.\n  See how it went:  ${followed.status}`);
    recovered = await followed.watchRecovery(course, narrate(around, 'recovery'));
  }
  const result = resultOf(course, recovered);
  if (json) around.out(`${JSON.stringify(result, null, 2)}\n`);
  else around.err(`${inShort(result)}\n`);
  return result.exitCode ?? EXIT.done;
}

/** Tells a state when it is first entered, in seconds of the account; loops through waits would only make noise. */
function narrate(
  around: Pick<Surroundings, 'err'>,
  machine: Machine,
  onScript: (script: EndedScript) => void = () => undefined,
): OnEvent {
  const told = new Set<string>();
  return (event, course) => {
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
function showOutput({ out, err }: Following['around'], script: EndedScript, cut: string): void {
  out(script.stdout);
  err(script.stderr);
  if (/[^\n]$/.test(script.stderr || script.stdout)) err('\n');
  if (script.truncated) err(`[${cut}]\n`);
  for (const line of whereOutputIs(script)) err(`${line}\n`);
}
