import type { Script } from '../state-machine/document';
import { isErrorName } from '../state-machine/errors';
import { type Course, hasEnded, latestOf, nameOf, startOf } from './course';
import { type Ending, endingOf } from './ending';
import { EXIT } from './exitCodes';

export type EndedScript = Extract<Script, { done: true }>;

/** What has become of an elevation: what `run --json` and `status --json` print. */
export interface Result extends Ending {
  name: string;
  executionArn: string;
  status: Course['status'];
  /** The state that it is in, or was in last. */
  state: string | null;
  /** ISO 8601. */
  started: string;
  stopped: string | null;
  request: unknown;
  script: EndedScript | null;
  /** What Restore found and did. */
  notes: string[];
  /** Execution ARN of the recovery, if it took one. */
  recovery: string | null;
}

/** @param recovery the recovery that followed, if there was one */
export function resultOf(course: Course, recovery?: Course): Result {
  const { executionArn, status, entered, document } = course;
  const { script } = document;
  return {
    ...endingOf(course, recovery),
    name: nameOf(executionArn),
    executionArn,
    status,
    state: entered.at(-1) ?? null,
    started: new Date(startOf(course)).toISOString(),
    stopped: hasEnded(course) ? new Date(latestOf(course)).toISOString() : null,
    request: document.request,
    script: script?.done ? script : null,
    notes: (recovery ?? course).document.outcome?.notes ?? [],
    recovery: recovery?.executionArn ?? null,
  };
}

/** The end of a run in a few lines. */
export function inShort({ exitCode, error, cause, notes, script }: Result): string {
  const done = exitCode === EXIT.done;
  // Of a script's own failure the rest of the cause is its output, which stands above; the notes follow in any case.
  const why = script && error === script.status ? cause.split('\n')[0] : cause.replace(/\nAfterwards: .*$/s, '');
  const head = done ? `✔ Done: the script's exit code is ${script?.exitCode ?? 0}.` : `✖ ${error}: ${why}`;
  const more = notes.filter((note) => !head.includes(note)).map((note) => `  ${note}`);
  return [head, ...more, ...(isErrorName(error) ? ['docs/runbook.md says what to do about it.'] : [])].join('\n');
}

/** Where the whole output is, one line for each place. */
export const whereOutputIs = ({ stdoutUrl, stderrUrl, logGroup, logStreams }: EndedScript): string[] =>
  [
    stdoutUrl && `Full output: ${stdoutUrl}`,
    stderrUrl && `Full errors: ${stderrUrl}`,
    logGroup && `Full output: log group ${logGroup}, streams ${logStreams}/*`,
  ].filter(Boolean);
