import { GetExecutionHistoryCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import type { InvokeResult } from '../../local/world';
import { faulty } from '../support/faulty';
import { createStage, request, type Stage } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';

const BOOM: InvokeResult = { functionError: { errorType: 'Boom', errorMessage: 'thrown by the test' } };

const UNTIL_RESTORE = [
  'CaptureProfile',
  'RehearseUndo',
  'CreateTempRole',
  'SwapProfile',
  'WaitAssociated',
  'ProveIdentity',
  'SendScript',
  'AwaitScript',
];

/** Whatever happened: the instance is as it was, nothing of the grant is left, and after the drain nothing at all. */
async function expectUndone(stage: Stage, before: Awaited<ReturnType<typeof stateOf>>) {
  await stage.pass(600);
  const { rest, draining } = withoutDraining(await stateOf(stage));
  expect(rest).toEqual(before);
  for (const role of Object.values(draining)) expect(role.inline).not.toContain('stepup-grant');
  await stage.pass(8 * 3600);
  expect(await stateOf(stage)).toEqual(before);
}

describe('a function that throws', () => {
  const cases = UNTIL_RESTORE.flatMap((state) => [
    [state, 'before its work'] as const,
    [state, 'after its work'] as const,
  ]);

  test.each(cases)('in %s, %s: the run fails with that error and is undone', async (state, when) => {
    const wrapLauncher = faulty(async (event, invoke) => {
      if (event.state.Name !== state) return invoke(event);
      if (when === 'after its work') await invoke(event);
      return BOOM;
    });
    const stage = await createStage({ wrapLauncher });
    const before = await stateOf(stage);
    const { status, error, cause } = await stage.ended(await stage.start(request()));
    expect([status, error]).toEqual(['FAILED', 'Boom']);
    expect(cause).toContain('thrown by the test');
    await expectUndone(stage, before);
  });

  test.each(['before its work', 'after its work'])(
    'in Restore, three times, %s: the state tries again and the run succeeds',
    async (when) => {
      let failures = 3;
      const wrapLauncher = faulty(async (event, invoke) => {
        if (event.state.Name !== 'Restore' || failures === 0) return invoke(event);
        failures -= 1;
        if (when === 'after its work') await invoke(event);
        return BOOM;
      });
      const stage = await createStage({ wrapLauncher });
      const before = await stateOf(stage);
      expect(await stage.ended(await stage.start(request()))).toMatchObject({ status: 'SUCCEEDED' });
      expect(failures).toBe(0);
      await expectUndone(stage, before);
    },
  );

  test('in Restore, for half a day: the run is RestoreFailed, and recovery restores', async () => {
    let broken = true;
    const wrapLauncher = faulty(async (event, invoke) =>
      broken && event.purpose === 'restore' ? BOOM : invoke(event),
    );
    const stage = await createStage({ wrapLauncher });
    const before = await stateOf(stage);
    const { status, error, cause } = await stage.ended(await stage.start(request()));
    expect([status, error]).toEqual(['FAILED', 'RestoreFailed']);
    expect(cause).toContain('thrown by the test');
    broken = false;
    await expectUndone(stage, before);
    expect(await stage.recoveries()).toHaveLength(1);
  });
});

describe('a function that never answers', () => {
  test.each(['CaptureProfile', 'RehearseUndo', 'CreateTempRole', 'SendScript'])(
    'in %s: Lambda ends it, the run fails with that and is undone',
    async (state) => {
      const wrapLauncher = faulty((event, invoke) =>
        event.state.Name === state ? new Promise(() => undefined) : invoke(event),
      );
      const stage = await createStage({ wrapLauncher });
      const before = await stateOf(stage);
      const run = await stage.start(request());
      expect(await stage.ended(run)).toMatchObject({
        status: 'FAILED',
        error: 'Sandbox.Timedout',
      });
      await expectUndone(stage, before);
    },
  );
});

describe('an execution that is stopped', () => {
  const states = [...UNTIL_RESTORE, 'IsSwapped', 'IsProven', 'Restore', 'Outcome'];

  test.each(states)('in %s: the recovery gives the profile back', async (state) => {
    const stage = await createStage();
    const before = await stateOf(stage);
    // Long enough to be stopped in; short where the script has to end before the state comes.
    const seconds = ['Restore', 'Outcome'].includes(state) ? 5 : 300;
    const run = await stage.start(request({ shell: [`sleep ${seconds}`] }));
    await stage.during(stopIn(stage, run, state));
    await stage.pass(300);
    const recoveries = await stage.recoveries();
    // Nothing was begun before CreateTempRole; and at Outcome a run that went well has been closed.
    const owed = (await stage.states(run)).includes('CreateTempRole') && state !== 'Outcome';
    expect(recoveries).toHaveLength(owed ? 1 : 0);
    for (const recovery of recoveries) expect(await stage.ended(recovery)).toMatchObject({ status: 'SUCCEEDED' });
    await expectUndone(stage, before);
  });
});

/** Stops the execution as soon as its history shows the state; a state that passes in no time is caught a little later. */
async function stopIn({ sfn, clock }: Stage, executionArn: string, state: string): Promise<void> {
  for (let looks = 0; ; looks += 1) {
    if (looks > 10_000) throw new Error(`${executionArn} never came to ${state}`);
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }));
    if (events.some(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name === state)) break;
    await clock.sleep(100);
  }
  await sfn.send(new StopExecutionCommand({ executionArn, error: 'Person', cause: 'stopped in the console' }));
}
