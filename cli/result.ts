import type { Script } from '../state-machine/document';
import { type EndOfHold, endOfHold } from '../state-machine/hold';
import { nameRequester, requesterSchema } from '../state-machine/requester';
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
  /** Who asked for it. */
  requester: string;
  /** Of a hold that is over: who ended it, or null if its time was. */
  hold: { releasedBy: string | null } | null;
  /** Of a hold that goes on, by the API: ISO 8601. */
  heldUntil: string | null;
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
    requester: requesterOf(document.request),
    hold: document.hold === undefined ? null : { releasedBy: releasedBy(endOfHold(document.hold)) },
    heldUntil: null,
    script: script?.done ? script : null,
    notes: (recovery ?? course).document.outcome?.notes ?? [],
    recovery: recovery?.executionArn ?? null,
  };
}

/** The API says it in words; in an execution's input it is an object. */
function requesterOf(request: unknown): string {
  const { requester } = (request ?? {}) as { requester?: unknown };
  return typeof requester === 'string' ? requester : nameRequester(requesterSchema.safeParse(requester).data);
}

const releasedBy = (end: EndOfHold): string | null => (typeof end === 'object' ? end.released.by : null);

/** What the command itself has to offer; all else is in the cause. */
const HINTS = new Map(
  Object.entries({
    InstanceBusy:
      '--wait 30m waits for the instance; stepup list --instance ID shows who has it; if nobody has, see docs/runbook.md.',
    GrantNotFound: 'stepup grants lists them.',
    DurationTooLong: '--duration asks for less.',
    ScriptTimedOut: '--duration gives it more, as far as the grant goes.',
    OriginalHasBoundary: 'That is --baseline core.',
    PolicyNotInheritable: 'That is --baseline core.',
    CeilingTooLow: 'That is --baseline core.',
  }),
);

/** The end of a run in a few lines. */
export function inShort({ exitCode, error, cause, notes, script, hold, person }: Result): string {
  const done = exitCode === EXIT.done;
  // Of a script's own failure the rest of the cause is its output, which stands above; the notes follow in any case.
  const why = script && error === script.status ? cause.split('\n')[0] : cause.replace(/\nAfterwards: .*$/s, '');
  const work = hold ? 'the hold is over' : `the script's exit code is ${script?.exitCode ?? 0}`;
  const head = done ? `✔ Done: ${work}.` : `✖ ${error}: ${why}`;
  const more = notes.filter((note) => !head.includes(note)).map((note) => `  ${note}`);
  const runbook = person ? "A person is needed: StepUp's docs/runbook.md says what to do." : HINTS.get(error);
  return [head, ...more, ...(runbook ? [runbook] : [])].join('\n');
}

/** Where SSM Agent puts the whole output, one line for each place. A failure to do so it only writes to its own log. */
export const whereOutputIs = ({ stdoutUrl, stderrUrl, logGroup, logStreams }: EndedScript): string[] =>
  [
    stdoutUrl && `Full output, if the instance could write it: ${s3Url(stdoutUrl)}`,
    stderrUrl && `Full errors, likewise: ${s3Url(stderrUrl)}`,
    logGroup && `Full output, if the instance could write it: log group ${logGroup}, streams ${logStreams}/*`,
  ].filter(Boolean);

/** https://s3.REGION.amazonaws.com/BUCKET/KEY, as SSM has it, in the form that `aws s3 cp` takes. */
const s3Url = (url: string): string => url.replace(/^https:\/\/s3[.-][a-z0-9.-]*\.amazonaws\.com(\.cn)?\//, 's3://');
