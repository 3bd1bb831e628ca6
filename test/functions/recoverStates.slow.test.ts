import { expect, test } from '@jest/globals';
import type { InvokeResult } from '../../local/world';
import { readMachine } from '../state-machine/definitions';
import { around } from '../support/faulty';
import { createStage, request, type Stage } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';
import { SETTLED, somebodyMakes, somebodyReplaces } from './worlds';

const { States } = readMachine('elevation');
const TYPES = Object.entries(States).map(([name, { Type }]) => ({ name, Type }));

/** Nothing is begun before CreateTempRole. */
const BEFORE = ['Begin', 'CaptureProfile', 'IsInstanceFree', 'WaitForInstance', 'RehearseUndo'];
/** Only an error leads there; and what ends there has ended. */
const ENDS = ['RestoreGaveUp', 'StepTimedOut', 'Succeeded', 'Refused', 'ElevationFailed', 'RestoreFailed'];
const WAY = TYPES.filter(({ name }) => !ENDS.includes(name));

/** A run that comes there. */
const workIn = (state: string) => request(state === 'Hold' ? { hold: {} } : { shell: ['sleep 60'] });

/** Everything takes so long that every state is entered, the waits too. */
async function slowStage(options: Parameters<typeof createStage>[0] = {}): Promise<Stage> {
  const stage = await createStage(options);
  await somebodyMakes(stage, 'theirs');
  await stage.pass(SETTLED);
  Object.assign(stage.aws.world.delays, { associating: 45_000, iamPropagation: 60_000, imdsRefresh: 80_000 });
  return stage;
}

/** The profile settles when the run comes. */
async function unsettle(stage: Stage): Promise<void> {
  await somebodyReplaces(stage, 'theirs');
}

/** Ends the run, from outside, when it enters a state. */
function endIn(stage: Stage, state: string, how: 'ABORTED' | 'TIMED_OUT'): void {
  const { states, asRoot } = stage.aws.world;
  let ended = false;
  states.onEntered = (executionArn, entered) => {
    if (ended || entered !== state) return;
    ended = true;
    if (how === 'TIMED_OUT') states.expire(executionArn);
    else void asRoot('states', 'StopExecution', { executionArn });
  };
}

/** The run is recovered, if it is owed anything: the instance is as it was, and nothing of the grant is left. */
async function expectRecovered(stage: Stage, run: string, before: Awaited<ReturnType<typeof stateOf>>) {
  const begun = (await stage.states(run)).includes('CreateTempRole');
  await stage.pass(600);
  const recoveries = await stage.recoveries();
  expect(recoveries).toHaveLength(begun ? 1 : 0);
  for (const recovery of recoveries) expect(await stage.ended(recovery)).toMatchObject({ status: 'SUCCEEDED' });
  const { rest, draining } = withoutDraining(await stateOf(stage));
  const associated = before.associations.map(({ profile }) => ({ profile, state: 'associated' }));
  expect(rest).toEqual({ ...before, associations: associated });
  for (const { inline } of Object.values(draining)) expect(inline).not.toContain('stepup-grant');
  return begun;
}

/** What the instance has in the end, and all else. */
async function settledState(stage: Stage) {
  const state = await stateOf(stage);
  return { ...state, associations: state.associations.filter(({ state }) => state !== 'disassociating') };
}

test.each(
  WAY.flatMap(
    ({ name }) =>
      [
        [name, 'ABORTED'],
        [name, 'TIMED_OUT'],
      ] as const,
  ),
)('in %s: %s', async (name, how) => {
  const stage = await slowStage();
  await unsettle(stage);
  const before = await settledState(stage);
  endIn(stage, name, how);
  const run = await stage.start(workIn(name));
  expect((await stage.ended(run)).status).toBe(how);
  expect((await stage.states(run)).at(-1)).toBe(name);
  expect(await expectRecovered(stage, run, before)).toBe(!BEFORE.includes(name));
});

/** Larger than Step Functions takes: nothing catches that. */
const TOO_LARGE: InvokeResult = { payload: { text: 'x'.repeat(300_000) } };
// What the function of Hold answers is no result: test/flow/hold.test.ts has what is.
const TASKS = TYPES.filter(({ Type, name }) => Type === 'Task' && name !== 'Restore' && name !== 'Hold');

test.each(TASKS.map(({ name }) => name))('in %s: FAILED, by an error that no Catch sees', async (name) => {
  const wrapLauncher = around(name, async (event, invoke) => {
    await invoke(event);
    return TOO_LARGE;
  });
  const stage = await createStage({ wrapLauncher });
  const before = await settledState(stage);
  const run = await stage.start(workIn(name));
  expect(await stage.ended(run)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  expect((await stage.states(run)).at(-1)).toBe(name);
  expect(await expectRecovered(stage, run, before)).toBe(!BEFORE.includes(name));
});
