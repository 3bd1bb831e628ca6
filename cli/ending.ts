import { isErrorName } from '../state-machine/errors';
import { type Course, hasEnded } from './course';
import { EXIT, type ExitCode } from './exitCodes';

/** How an elevation ended, for the caller's shell and for a reader. */
export interface Ending {
  /** null while it goes on. */
  exitCode: ExitCode | null;
  /** One of our error names, or of Lambda's, or a person's, or a status of Step Functions; '' when the work was done. */
  error: string;
  /** What happened, and what to do. */
  cause: string;
  /** Whether the instance will not get right by itself. */
  person: boolean;
}

/** Errors of AWS itself, by which a run can be refused too. */
const AWS_ERRORS = ['AwsAccessDenied', 'AwsUnavailable', 'AwsCallFailed'];

const ending = (exitCode: ExitCode | null, error = '', cause = ''): Ending => ({
  exitCode,
  error,
  cause,
  person: false,
});

/**
 * Reads the end of an elevation off its last states (docs/design.md, Restore).
 * @param recovery the recovery that followed, if the elevation could not restore by itself and there was one
 */
export function endingOf(course: Course, recovery?: Course): Ending {
  const { status, error, cause, entered, document } = course;
  const last = entered.at(-1);
  if (!hasEnded(course)) return ending(null);
  if (status === 'SUCCEEDED') return ending(EXIT.done);
  if (last === 'Refused') {
    // Whatever else a function of ours failed with was no answer to the request.
    const answered = isErrorName(error) && !AWS_ERRORS.includes(error);
    return ending(answered ? EXIT.refused : EXIT.awsFailed, error, cause);
  }
  if (needsRecovery(course)) return recovered(course, recovery);
  if (document.outcome?.result === 'RestoreFailed') {
    const { outcome } = document;
    return { ...ending(EXIT.restoreFailed, error || outcome.error, cause || outcome.cause), person: true };
  }
  if (last === 'ElevationFailed') return ending(EXIT.workFailed, error, cause);
  const undone = document.outcome?.done ? 'The instance has been restored.' : 'Nothing had been changed.';
  return ending(EXIT.workFailed, error || status, `${inWords(course)}\n${undone}`);
}

/** Did it end where no Catch could see it, or after its own Restore gave up, with something to undo? Then a recovery follows. */
export const needsRecovery = (course: Course): boolean =>
  hasEnded(course) &&
  course.status !== 'SUCCEEDED' &&
  course.entered.includes('CreateTempRole') &&
  // RestoreGaveUp leaves an outcome that is not done.
  !course.document.outcome?.done;

function recovered(course: Course, recovery?: Course): Ending {
  const error = course.error || course.status;
  const says = (exitCode: ExitCode, after: string) => ending(exitCode, error, `${inWords(course)}\n${after}`);
  if (recovery === undefined) {
    return says(EXIT.restoreFailed, 'No recovery has been started yet; sweep looks every 15 minutes.');
  }
  if (!hasEnded(recovery)) return says(EXIT.restoreFailed, 'Its recovery is still running: look again in a minute.');
  if (recovery.status === 'SUCCEEDED') return says(EXIT.workFailed, 'The instance has been recovered.');
  const why = [recovery.error || recovery.status, recovery.cause].filter(Boolean).join(': ');
  return { ...says(EXIT.restoreFailed, `Its recovery failed: ${why}`), person: true };
}

/** An end that is no state of its own. */
const inWords = ({ status, entered, cause }: Course): string =>
  [`The execution was ${status}${entered.length > 0 ? ` in ${entered.at(-1)}` : ''}.`, cause].filter(Boolean).join(' ');
