import { describe, expect, test } from '@jest/globals';
import type { Intercept } from '../../local';
import type { InvokeResult } from '../../local/world';
import { faulty } from '../support/faulty';
import { createStage, DEPLOYMENT, request, type Stage, type StageOptions } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';
import { elevated, endOf, expectNoGrantLeft } from './restore/elevated';
import { attachedNow, SETTLED, somebodyTakesItOff } from './worlds';

const BOOM: InvokeResult = { functionError: { errorType: 'Boom', errorMessage: 'thrown by the test' } };
const HOUR = 3_600;

const abort = ({ aws }: Stage, executionArn: string) => aws.world.asRoot('states', 'StopExecution', { executionArn });

/** A stage whose functions of one name answer nothing, and do nothing, while `switched.off`. */
function without(folder: 'recover' | 'sweep', switched: { off: boolean }): StageOptions {
  return {
    wrapLauncher: ({ launch }) => ({
      launch: (fn, environment) => {
        const running = launch(fn, environment);
        if (!fn.name.endsWith(`-${folder}`)) return running;
        return { ...running, invoke: async (...all) => (switched.off ? { payload: {} } : running.invoke(...all)) };
      },
    }),
  };
}

/** The event of a run's end, as EventBridge delivers it. */
async function tell({ aws: { world } }: Stage, executionArn: string): Promise<void> {
  const { status, stopDate } = await world.asRoot('states', 'DescribeExecution', { executionArn });
  const detail = {
    executionArn,
    status,
    stateMachineArn: executionArn.replace(/execution:(.*):.*/, 'stateMachine:$1'),
  };
  world.events.publish({
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: [executionArn],
    detail: { ...detail, stopDate: stopDate.getTime() },
  });
}

describe('the event of a broken run', () => {
  test('starts one recovery, whose name begins with the name of the run and whose input says whose it is', async () => {
    const { stage, run } = await elevated();
    await abort(stage, run);
    await stage.pass(10);
    const [recovery = '', ...others] = await stage.recoveries();
    expect(others).toEqual([]);
    expect(recovery).toContain(`:execution:${DEPLOYMENT}-recovery:${run.split(':').at(-1)}-`);
    const { input } = await stage.aws.world.asRoot('states', 'DescribeExecution', { executionArn: recovery });
    expect(JSON.parse(input)).toEqual({ execution: run });
    expect(await stage.ended(recovery)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('starts none of a run that restored by itself and then failed, as it should', async () => {
    const stage = await createStage();
    const run = await stage.start(request({ shell: ['exit 7'] }));
    expect(await stage.ended(run)).toMatchObject({ error: 'ScriptFailed' });
    await stage.pass(HOUR);
    expect(await stage.recoveries()).toEqual([]);
  });

  test('starts one of a run whose history does not show its end yet: it may have begun', async () => {
    const intercept: Intercept = async ({ operation, principal }, proceed) => {
      const answer = (await proceed()) as { events?: object[] };
      const lags = operation === 'GetExecutionHistory' && principal.name?.endsWith('-recover');
      return lags ? { ...answer, events: [] } : answer;
    };
    const { stage, run } = await elevated({ intercept });
    await abort(stage, run);
    await stage.pass(300);
    expect(await stage.recoveries()).toHaveLength(1);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test('doubled, at once or hours later, is the same recovery', async () => {
    const { stage, run } = await elevated();
    await abort(stage, run);
    await tell(stage, run);
    await stage.pass(2 * HOUR);
    await tell(stage, run);
    await stage.pass(600);
    expect(await stage.recoveries()).toHaveLength(1);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test('lost: sweep finds the run within half an hour', async () => {
    const { stage, run } = await elevated(without('recover', { off: true }));
    await abort(stage, run);
    await stage.pass(1_800);
    expect(await stage.recoveries()).toHaveLength(1);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
  });

  test.each([
    ['while the next elevation has the instance', 5 * HOUR],
    ['when the role has drained', 9 * HOUR],
  ])('late, %s: what was recovered meanwhile stays as it is', async (_, late) => {
    const switched = { off: true };
    const { stage, run } = await elevated(without('recover', switched));
    await abort(stage, run);
    await stage.pass(late);
    switched.off = false;
    const next = await stage.start(request({ shell: ['sleep 900'] }), 'next');
    await stage.pass(SETTLED);
    const during = await attachedNow(stage);
    await tell(stage, run);
    await stage.pass(400);
    expect(await attachedNow(stage)).toEqual(during);
    expect(await stage.ended(next)).toMatchObject({ status: 'SUCCEEDED' });
    for (const recovery of await stage.recoveries()) expect((await stage.ended(recovery)).status).toBe('SUCCEEDED');
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test('late by hours, of a run that nobody recovered and that had not swapped: a bare instance is left alone', async () => {
    const switched = { off: true };
    const stage = await createStage(without('recover', switched));
    stage.aws.world.states.onEntered = (run, state) => {
      if (state === 'CreateTempRole') stage.aws.world.states.expire(run);
    };
    const run = await stage.start(request());
    await stage.pass(HOUR);
    await somebodyTakesItOff(stage);
    await stage.pass(SETTLED);
    switched.off = false;
    await tell(stage, run);
    await stage.pass(600);
    const [recovery = ''] = await stage.recoveries();
    expect((await endOf(stage, recovery)).outcome.restored).toBe('superseded');
    expect(await attachedNow(stage)).toEqual([]);
  });
});

describe('a recovery that fails', () => {
  /** Restore fails in recoveries, as long as it is broken. */
  function broken() {
    const state = { broken: true };
    const wrapLauncher = faulty(async (event, invoke) =>
      state.broken && event.purpose === 'recover' ? BOOM : invoke(event),
    );
    return { state, wrapLauncher };
  }

  test('is followed by another of sweep, one at a time, until one succeeds', async () => {
    const { state, wrapLauncher } = broken();
    const { stage, run } = await elevated({ wrapLauncher });
    await abort(stage, run);
    let most = 0;
    for (let hours = 0; hours < 48; hours += 1) {
      await stage.pass(HOUR);
      const running = { stateMachineArn: stage.machineArn('recovery'), statusFilter: 'RUNNING' };
      const { executions } = await stage.aws.world.asRoot('states', 'ListExecutions', running);
      most = Math.max(most, executions.length);
    }
    const failed = await stage.recoveries();
    expect(most).toBe(1);
    expect(failed.length).toBeGreaterThan(1);
    expect(failed.length).toBeLessThan(6);
    state.broken = false;
    await stage.pass(HOUR);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
    const after = (await stage.recoveries()).length;
    await stage.pass(12 * HOUR);
    expect((await stage.recoveries()).length).toBe(after);
  });

  test('because it runs out of time: likewise', async () => {
    const { state, wrapLauncher } = broken();
    const { stage, run } = await elevated({ wrapLauncher });
    await abort(stage, run);
    await stage.pass(60);
    const [first = ''] = await stage.recoveries();
    stage.aws.world.states.expire(first);
    state.broken = false;
    await stage.pass(1_800);
    expect(await stage.recoveries()).toHaveLength(2);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
  });
});

describe('a redrive', () => {
  const PROOFS = 1;
  const scripts = async ({ aws }: Stage) =>
    (await aws.world.asRoot('ssm', 'ListCommands', {})).Commands.length - PROOFS;

  test.each([
    ['when the recovery is done', 300],
    ['while the recovery is under way', 2],
  ])('%s: the run is only restored, and its script does not start again', async (_, seconds) => {
    const { stage, run } = await elevated();
    await abort(stage, run);
    await stage.pass(seconds);
    await stage.redrive(run);
    const { status, error, cause = '' } = await stage.ended(run);
    expect([status, error]).toEqual(['FAILED', 'ElevationClosed']);
    expect(cause).toContain('Start a new one');
    await stage.pass(600);
    expect(await scripts(stage)).toBe(1);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
    expect(await stage.recoveries()).toHaveLength(1);
  });

  test('that is stopped again is recovered again, by an execution of its own', async () => {
    const { stage, run } = await elevated();
    await abort(stage, run);
    await stage.pass(300);
    stage.aws.world.states.onEntered = (executionArn, state) => {
      if (executionArn === run && state === 'Restore') void abort(stage, run);
    };
    await stage.redrive(run);
    await stage.pass(300);
    const recoveries = await stage.recoveries();
    expect(new Set(recoveries).size).toBe(2);
    for (const recovery of recoveries) expect((await stage.ended(recovery)).status).toBe('SUCCEEDED');
    expect(await attachedNow(stage)).toEqual(['app associated']);
    expect(withoutDraining(await stateOf(stage)).draining).not.toEqual({});
  });
});
