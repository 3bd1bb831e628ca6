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
}

/** Errors of AWS itself, by which a run can be refused too. */
const AWS_ERRORS = ['AwsAccessDenied', 'AwsUnavailable', 'AwsCallFailed'];

/**
 * Reads the end of an elevation off its last states (docs/design.md, Restore).
 * @param recovery the recovery that followed, if the elevation could not restore by itself and there was one
 */
export function endingOf(course: Course, recovery?: Course): Ending {
  const { status, error, cause, entered, document } = course;
  const last = entered.at(-1);
  if (!hasEnded(course)) return { exitCode: null, error: '', cause: '' };
  if (status === 'SUCCEEDED') return { exitCode: EXIT.done, error: '', cause: '' };
  if (last === 'Refused') {
    // Whatever else a function of ours failed with was no answer to the request.
    const answered = isErrorName(error) && !AWS_ERRORS.includes(error);
    return { exitCode: answered ? EXIT.refused : EXIT.awsFailed, error, cause };
  }
  if (needsRecovery(course)) return recovered(course, recovery);
  if (document.outcome?.result === 'RestoreFailed') {
    const { outcome } = document;
    return { exitCode: EXIT.restoreFailed, error: error || outcome.error, cause: cause || outcome.cause };
  }
  if (last === 'ElevationFailed') return { exitCode: EXIT.workFailed, error, cause };
  const undone = document.outcome?.done ? 'The instance has been restored.' : 'Nothing had been changed.';
  return { exitCode: EXIT.workFailed, error: error || status, cause: `${inWords(course)}\n${undone}` };
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
  if (recovery?.status === 'SUCCEEDED') {
    return { exitCode: EXIT.workFailed, error, cause: `${inWords(course)}\nThe instance has been recovered.` };
  }
  const after =
    recovery === undefined
      ? 'No recovery has been started yet; sweep looks every 15 minutes.'
      : hasEnded(recovery)
        ? `Its recovery failed: ${[recovery.error || recovery.status, recovery.cause].filter(Boolean).join(': ')}`
        : 'Its recovery is still running.';
  return { exitCode: EXIT.restoreFailed, error, cause: `${inWords(course)}\n${after}` };
}

/** An end that is no state of its own. */
const inWords = ({ status, entered, cause }: Course): string =>
  [`The execution was ${status}${entered.length > 0 ? ` in ${entered.at(-1)}` : ''}.`, cause].filter(Boolean).join(' ');
