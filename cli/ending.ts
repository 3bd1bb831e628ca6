import type { Course } from './course';
import { EXIT, type ExitCode } from './exitCodes';

/** How an elevation ended, for the caller's shell and for a reader. */
export interface Ending {
  exitCode: ExitCode;
  /** One of our error names, or a status of Step Functions; '' when the work was done. */
  error: string;
  /** What happened, and what to do. */
  cause: string;
  /** What Restore found and did. */
  notes: string[];
}

/** Errors of AWS itself, by which a run can be refused too. */
const AWS_ERRORS = ['AwsAccessDenied', 'AwsUnavailable', 'AwsCallFailed'];

/**
 * Reads the end of an elevation off its last states (docs/design.md, Restore).
 * @param recovery the recovery that followed, if the elevation could not restore by itself and there was one
 */
export function endingOf(course: Course, recovery?: Course): Ending {
  const notes = recovery?.document.outcome?.notes ?? course.document.outcome?.notes ?? [];
  const said = { error: course.error, cause: course.cause, notes };
  const last = course.entered.at(-1);
  if (course.status === 'SUCCEEDED') return { ...said, exitCode: EXIT.done };
  if (last === 'Refused') {
    return { ...said, exitCode: AWS_ERRORS.includes(course.error) ? EXIT.awsFailed : EXIT.refused };
  }
  if (last === 'ElevationFailed') return { ...said, exitCode: EXIT.workFailed };
  if (last === 'RestoreFailed') return { ...said, exitCode: EXIT.restoreFailed };
  return { ...said, ...interrupted(course, recovery) };
}

/** Did it end where no Catch could see it, with something to undo? Then a recovery follows. */
export const needsRecovery = ({ status, entered, document }: Course): boolean =>
  status !== 'SUCCEEDED' &&
  entered.includes('CreateTempRole') &&
  !['ElevationFailed', 'RestoreFailed'].includes(entered.at(-1) ?? '') &&
  !document.outcome?.done;

function interrupted(course: Course, recovery?: Course): Omit<Ending, 'notes'> {
  const error = course.error || course.status;
  const why = [`The execution was ${course.status} in ${course.entered.at(-1)}.`, course.cause]
    .filter(Boolean)
    .join(' ');
  if (!needsRecovery(course)) {
    return { exitCode: EXIT.workFailed, error, cause: `${why}\nNothing was left to undo.` };
  }
  if (recovery?.status === 'SUCCEEDED') {
    return { exitCode: EXIT.workFailed, error, cause: `${why}\nThe instance has been recovered.` };
  }
  const after = recovery
    ? `Its recovery ${recovery.status === 'RUNNING' ? 'is still running' : `failed: ${recovery.error}: ${recovery.cause}`}`
    : 'No recovery has been started yet; sweep looks every 15 minutes';
  return { exitCode: EXIT.restoreFailed, error, cause: `${why}\n${after}.` };
}
