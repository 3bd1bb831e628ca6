import { readCause } from '../../state-machine/cause';
import type { Document, Outcome, Script } from '../../state-machine/document';
import type { ErrorName } from '../../state-machine/errors';
import { endOfHold } from '../../state-machine/hold';

/** Fail's Cause may have 32,768 characters; nobody reads that many in the console. */
const LONGEST_CAUSE = 2_000;

type EndedScript = Extract<Script, { done: true }>;

interface Failure {
  error: string;
  cause: string;
}

/** How a hold ended, which is no error however it did; none if the run was not held to its end. */
export function notesOfHold({ hold }: Document): string[] {
  if (hold === undefined) return [];
  const end = endOfHold(hold);
  if (end === 'expired') return ['The hold lasted until its time was up.'];
  if (end === 'ended') return ['The hold was ended through its task token, by somebody who did not say who.'];
  return [`The hold was released by ${end.released.by} at ${end.released.at}.`];
}

/** The first real error of an elevation: what a Catch saw, or the script's own failure. Undefined: the work was done. */
export function firstError({ error, script, capture }: Document): Failure | undefined {
  if (error?.Error.startsWith('States.')) {
    // A Fail state may not repeat a name of Step Functions' own. States.Timeout has no cause (aws-facts-2 12.3).
    return { error: 'AwsUnavailable', cause: `${error.Error}: ${error.Cause || 'a step did not answer in time.'}` };
  }
  if (error) return { error: error.Error, cause: readCause(error.Cause).slice(0, LONGEST_CAUSE) };
  if (script?.done && script.status !== 'Success') {
    return {
      error: script.status,
      cause: [
        `The script ended with ${how(script, capture)}${script.step && ` in step '${script.step}'`}.`,
        tail(script.stdout),
        tail(script.stderr),
      ]
        .filter(Boolean)
        .join('\n'),
    };
  }
  return undefined;
}

function how({ statusDetails, exitCode }: EndedScript, capture: Document['capture']): string {
  if (statusDetails === 'Failed') return `exit code ${exitCode}`;
  if (statusDetails !== 'ExecutionTimedOut' || !capture?.done) return statusDetails;
  return `${statusDetails}: it may take ${capture.durationMinutes} minute${capture.durationMinutes === 1 ? '' : 's'}`;
}

/** The end of an output, where scripts say what went wrong. */
const tail = (text: string): string => text.trim().slice(-800);

/** Restoring that needs a person, whatever became of the work. */
const NEEDS_A_PERSON: Partial<Record<Outcome['restored'], ErrorName>> = {
  'original-gone': 'OriginalGone',
  stuck: 'RestoreFailed',
};

/**
 * How the run ends, once restored: with what went wrong first, unless the restore itself needs a person.
 * @param failure undefined in a recovery, whose own success is that the profile is back
 */
export function verdict(
  restored: Outcome['restored'],
  notes: string[],
  tampered: string | undefined,
  failure: Failure | undefined,
) {
  const alarm = tampered ? 'RecordTampered' : NEEDS_A_PERSON[restored];
  if (alarm)
    return {
      result: 'RestoreFailed' as const,
      error: alarm,
      cause: [tampered ?? notes.at(-1), failure && `Before that: ${failure.error}: ${failure.cause}`]
        .filter(Boolean)
        .join('\n'),
    };
  if (failure)
    return {
      result: 'ElevationFailed' as const,
      error: failure.error,
      cause: `${failure.cause}\nAfterwards: ${notes.join(' ')}`,
    };
  return { result: 'Succeeded' as const, error: '', cause: '' };
}
