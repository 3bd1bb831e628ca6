import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { advance, type Course, newCourse } from '../../cli/course';
import { endingOf, needsRecovery } from '../../cli/ending';

const ARN = 'arn:aws:states:us-east-1:123456789012:execution:StepUp-us-east-1-elevation:x';
const WAY = ['Begin', 'CaptureProfile', 'RehearseUndo', 'CreateTempRole', 'SwapProfile', 'AwaitScript', 'Restore'];

/** Step Functions' events of a run that entered these states; a document with an outcome leaves the last of them. */
function course(states: string[], end: Partial<HistoryEvent>, outcome?: object): Course {
  const told = newCourse(ARN);
  const document = JSON.stringify({ request: {}, ...(outcome && { outcome }) });
  const entered = states.map((name) => ({ stateEnteredEventDetails: { name, input: document } }));
  const events = [{ type: 'ExecutionStarted' }, ...entered, end] as HistoryEvent[];
  for (const [id, event] of events.entries()) advance(told, { ...event, id: id + 1, timestamp: new Date(id) });
  return told;
}

const failed = (error: string, cause = 'why') => ({
  type: 'ExecutionFailed' as const,
  executionFailedEventDetails: { error, cause },
});
const ABORTED = { type: 'ExecutionAborted' as const, executionAbortedEventDetails: {} };
const TIMED_OUT = { type: 'ExecutionTimedOut' as const, executionTimedOutEventDetails: { error: 'States.Timeout' } };
const upTo = (state: string) => WAY.slice(0, WAY.indexOf(state) + 1);
const restored = (result: string) => ({
  done: true,
  result,
  error: 'OriginalGone',
  cause: 'It was deleted.',
  notes: [],
});

/** Whether a recovery has to be looked for, and what is said when there is none, one that runs, failed, succeeded. */
type Row = [what: string, course: Course, recovers: boolean, code: number | null, error: string, says: string];

const ROWS: Row[] = [
  ['goes on', course(upTo('AwaitScript'), {}), false, null, '', ''],
  ['succeeded', course([...WAY, 'Succeeded'], { type: 'ExecutionSucceeded' }, restored('Succeeded')), false, 0, '', ''],
  [
    'refused',
    course(['Begin', 'CaptureProfile', 'Refused'], failed('GrantNotFound')),
    false,
    2,
    'GrantNotFound',
    'why',
  ],
  [
    'refused by AWS',
    course(['CaptureProfile', 'Refused'], failed('AwsUnavailable')),
    false,
    4,
    'AwsUnavailable',
    'why',
  ],
  [
    'our function died',
    course(['CaptureProfile', 'Refused'], failed('Sandbox.Timedout')),
    false,
    4,
    'Sandbox.Timedout',
    '',
  ],
  [
    'the work failed',
    course([...WAY, 'ElevationFailed'], failed('ScriptFailed'), restored('ElevationFailed')),
    false,
    1,
    'ScriptFailed',
    'why',
  ],
  [
    'a person is needed',
    course([...WAY, 'RestoreFailed'], failed('OriginalGone'), restored('RestoreFailed')),
    false,
    3,
    'OriginalGone',
    'why',
  ],
  [
    'its Restore gave up',
    course([...WAY, 'RestoreGaveUp', 'RestoreFailed'], failed('RestoreFailed'), { error: '' }),
    true,
    3,
    'RestoreFailed',
    'No recovery',
  ],
  ['stopped before a state', course([], ABORTED), false, 1, 'ABORTED', 'was ABORTED.\nNothing had been changed'],
  [
    'stopped early',
    course(upTo('RehearseUndo'), ABORTED),
    false,
    1,
    'ABORTED',
    'in RehearseUndo.\nNothing had been changed',
  ],
  [
    'stopped in CreateTempRole',
    course(upTo('CreateTempRole'), ABORTED),
    true,
    3,
    'ABORTED',
    'No recovery has been started',
  ],
  ['stopped in the script', course(upTo('AwaitScript'), ABORTED), true, 3, 'ABORTED', 'No recovery has been started'],
  [
    'out of time in Restore',
    course(WAY, TIMED_OUT, { done: false }),
    true,
    3,
    'States.Timeout',
    'TIMED_OUT in Restore',
  ],
  [
    'stopped when all was done',
    course([...WAY, 'Outcome'], ABORTED, restored('Succeeded')),
    false,
    1,
    'ABORTED',
    'has been restored',
  ],
  [
    'stopped when a person was needed',
    course([...WAY, 'Outcome'], ABORTED, restored('RestoreFailed')),
    false,
    3,
    'OriginalGone',
    'It was deleted.',
  ],
  [
    'States.Runtime',
    course(upTo('SwapProfile'), failed('States.Runtime')),
    true,
    3,
    'States.Runtime',
    'FAILED in SwapProfile',
  ],
];

describe('the end of a run that', () => {
  test.each(ROWS)('%s', (_, told, recovers, exitCode, error, says) => {
    expect(needsRecovery(told)).toBe(recovers);
    expect(endingOf(told)).toMatchObject({ exitCode, error, cause: expect.stringContaining(says) });
  });

  const stopped = course(upTo('AwaitScript'), ABORTED);
  test.each([
    ['is recovered', course(['Restore'], { type: 'ExecutionSucceeded' }), 1, 'has been recovered'],
    ['is being recovered', course(['Restore'], {}), 3, 'still running'],
    ['could not be recovered', course(['Restore'], failed('OriginalGone')), 3, 'recovery failed: OriginalGone: why'],
    ['had its recovery stopped', course(['Restore'], ABORTED), 3, 'recovery failed: ABORTED'],
  ])('%s', (_, recovery, exitCode, says) => {
    expect(endingOf(stopped, recovery)).toMatchObject({ exitCode, cause: expect.stringContaining(says) });
  });

  test('is redriven goes on', () => {
    const redriven = course(upTo('AwaitScript'), ABORTED);
    advance(redriven, { type: 'ExecutionRedriven', id: 99, timestamp: new Date(), executionRedrivenEventDetails: {} });
    expect(endingOf(redriven)).toEqual({ exitCode: null, error: '', cause: '', person: false });
    expect(needsRecovery(redriven)).toBe(false);
  });
});
