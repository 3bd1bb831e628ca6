import { describe, expect, test } from '@jest/globals';
import { eventsOf, resultOfElevation } from '../../../cli/api/course';
import type { Elevation } from '../../../state-machine/api';
import { INSTANCE } from '../../support/deployed';

const AT = '2026-11-22T06:52:09.000Z';
const WAY = ['Begin', 'CaptureProfile', 'RehearseUndo', 'CreateTempRole', 'SwapProfile', 'AwaitScript', 'Restore'];
const upTo = (state: string) => WAY.slice(0, WAY.indexOf(state) + 1);
const outcome = (error: string, restored: NonNullable<Elevation['outcome']>['restored'], ...notes: string[]) => ({
  ...{ error, cause: error && 'why', restored, notes },
});
const recovery = (status: Elevation['status']) => ({ executionArn: 'arn:aws:states:::execution:x-recovery:r', status });

function elevation(entered: string[], more: Partial<Elevation>): Elevation {
  return {
    ...{ name: 'x', instanceId: INSTANCE, grant: 'patch', work: 'script', requester: 'somebody', reason: null },
    ...{
      status: 'FAILED',
      started: AT,
      stopped: AT,
      href: '',
      executionArn: 'arn:aws:states:::execution:x-elevation:x',
    },
    ...{ state: entered.at(-1) ?? null, expires: null, outcome: null, recovery: null, script: null, hold: null },
    timeline: entered.map((state) => ({ state, entered: AT })),
    ...more,
  };
}

/** As test/cli/ending.test.ts has it of the history. */
type Row = [what: string, elevation: Elevation, code: number | null, error: string, says: string];

const ROWS: Row[] = [
  ['goes on', elevation(upTo('AwaitScript'), { status: 'RUNNING', stopped: null }), null, '', ''],
  [
    'succeeded',
    elevation([...WAY, 'Succeeded'], { status: 'SUCCEEDED', outcome: outcome('', 'given-back') }),
    ...([0, '', ''] as const),
  ],
  [
    'was refused',
    elevation(['CaptureProfile', 'Refused'], { outcome: outcome('GrantNotFound', null) }),
    ...([2, 'GrantNotFound', 'why'] as const),
  ],
  [
    'was refused by AWS',
    elevation(['CaptureProfile', 'Refused'], { outcome: outcome('AwsUnavailable', null) }),
    ...([4, 'AwsUnavailable', 'why'] as const),
  ],
  [
    'failed',
    elevation([...WAY, 'ElevationFailed'], { outcome: outcome('ScriptFailed', 'given-back') }),
    ...([1, 'ScriptFailed', 'why'] as const),
  ],
  [
    'needs a person',
    elevation([...WAY, 'RestoreFailed'], { outcome: outcome('OriginalGone', 'original-gone') }),
    ...([3, 'OriginalGone', 'why'] as const),
  ],
  [
    'gave up its restore',
    elevation([...WAY, 'RestoreGaveUp', 'RestoreFailed'], { outcome: outcome('RestoreFailed', null) }),
    ...([3, 'RestoreFailed', 'No recovery has been started'] as const),
  ],
  [
    'was stopped early',
    elevation(upTo('RehearseUndo'), { status: 'ABORTED', outcome: outcome('Released', null) }),
    ...([1, 'Released', 'in RehearseUndo. why\nNothing had been changed'] as const),
  ],
  [
    'is being recovered',
    elevation(upTo('AwaitScript'), {
      ...{ status: 'ABORTED', outcome: outcome('Released', null), recovery: recovery('RUNNING') },
    }),
    ...([3, 'Released', 'still running'] as const),
  ],
  [
    'was recovered',
    elevation(upTo('AwaitScript'), {
      ...{ status: 'ABORTED', outcome: outcome('Released', 'given-back', 'a note'), recovery: recovery('SUCCEEDED') },
    }),
    ...([1, 'Released', 'has been recovered'] as const),
  ],
  [
    'could not be recovered',
    elevation(upTo('AwaitScript'), {
      ...{ status: 'TIMED_OUT', outcome: outcome('States.Timeout', null), recovery: recovery('FAILED') },
    }),
    ...([3, 'States.Timeout', 'Its recovery failed'] as const),
  ],
];

describe('by the API, a run that', () => {
  test.each(ROWS)('%s', (_, told, exitCode, error, says) => {
    const result = resultOfElevation(told);
    expect(result).toMatchObject({ exitCode, error, cause: expect.stringContaining(says) });
    expect(result.notes).toEqual(told.outcome?.notes ?? []);
    expect(result.requester).toBe('somebody');
  });
});

test("a script's end is told before its restore, whenever it is seen", () => {
  const script = { status: 'Success', exitCode: 0, stdout: '', stderr: '', truncated: false } as never;
  const keys = (...states: string[]) =>
    eventsOf(elevation(states, { script, status: 'RUNNING' })).map(({ key }) => key);
  expect(keys('AwaitScript', 'IsScriptDone')).toEqual(['start', 'state 0', 'state 1', 'script']);
  expect(keys('AwaitScript', 'IsScriptDone', 'Restore')).toEqual(['start', 'state 0', 'state 1', 'script', 'state 2']);
});

test('a hold is over when its state is left', () => {
  const hold = { since: AT, until: AT, released: null };
  const held = elevation(['Hold'], { status: 'RUNNING', hold });
  expect(resultOfElevation(held).hold).toBeNull();
  expect(resultOfElevation({ ...held, state: 'Restore' }).hold).toEqual({ releasedBy: null });
  const released = { ...held, state: 'Restore', hold: { ...hold, released: 'somebody' } };
  expect(resultOfElevation(released).hold).toEqual({ releasedBy: 'somebody' });
});
