import { describe, expect, test } from '@jest/globals';
import type { InvokeResult, Launcher } from '../../local/world';
import { createStage, DEPLOYMENT, INSTANCE, request, type Stage } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';

const QUEUE = `arn:aws:sqs:us-east-1:123456789012:${DEPLOYMENT}-dead-letters`;
const MINUTE = 60;
const BOOM: InvokeResult = { functionError: { errorType: 'Boom', errorMessage: 'thrown by the test' } };

/** Has a function fail while `isBroken` says so; `calls` counts how often. */
function failing(name: string) {
  const state = { isBroken: true, calls: 0 };
  const wrapLauncher = ({ launch }: Launcher): Launcher => ({
    launch: (fn, environment) => {
      const running = launch(fn, environment);
      if (!fn.name.endsWith(`-${name}`)) return running;
      return {
        close: () => running.close(),
        invoke: async (event, context) => {
          state.calls += 1;
          return state.isBroken ? BOOM : running.invoke(event, context);
        },
      };
    },
  });
  return { state, wrapLauncher };
}

const letters = ({ aws }: Stage) => aws.world.sqs.messages(QUEUE);

/** Starts an elevation, and stops it in the middle of its script, a minute after a turn of sweep. */
async function stopped(stage: Stage): Promise<string> {
  const run = await stage.start(request({ shell: ['sleep 3000'] }));
  // The stage is two minutes old, and its first turn due after fifteen.
  await stage.pass(14 * MINUTE);
  await stage.aws.world.asRoot('states', 'StopExecution', { executionArn: run });
  return run;
}

describe('an event that recover fails on three times', () => {
  test('lies in the dead letters, and sweep repairs the run all the same', async () => {
    const { state, wrapLauncher } = failing('recover');
    const stage = await createStage({ wrapLauncher });
    const before = await stateOf(stage);
    const run = await stopped(stage);
    await stage.pass(5 * MINUTE);
    expect(state.calls).toBe(3);
    expect(letters(stage).map(({ body, attributes }) => [JSON.parse(body).detail.executionArn, attributes])).toEqual([
      [run, { RequestID: expect.any(String), ErrorCode: '200', ErrorMessage: 'thrown by the test' }],
    ]);
    expect((await stateOf(stage)).associations[0]?.profile).toContain(`/stepup/elevations/${INSTANCE}/`);

    await stage.pass(30 * MINUTE);
    expect(state.calls).toBe(3);
    const { rest } = withoutDraining(await stateOf(stage));
    expect(rest).toEqual(before);
    expect(await stage.recoveries()).toHaveLength(1);
    expect(letters(stage)).toHaveLength(1);
  });

  test('and on which it succeeds at last leaves none', async () => {
    const { state, wrapLauncher } = failing('recover');
    const stage = await createStage({ wrapLauncher });
    await stopped(stage);
    await stage.pass(MINUTE / 2);
    state.isBroken = false;
    await stage.pass(5 * MINUTE);
    expect(state.calls).toBe(2);
    expect(letters(stage)).toEqual([]);
    expect(await stage.recoveries()).toHaveLength(1);
  });
});

test('a turn of sweep that fails three times is a dead letter, and the next one is made', async () => {
  const { state, wrapLauncher } = failing('sweep');
  const stage = await createStage({ wrapLauncher });
  await stage.pass(20 * MINUTE);
  expect(state.calls).toBe(3);
  expect(letters(stage).map(({ body }) => JSON.parse(body)['detail-type'])).toEqual(['Scheduled Event']);
  state.isBroken = false;
  await stage.pass(15 * MINUTE);
  expect(state.calls).toBe(4);
  expect(letters(stage)).toHaveLength(1);
});
