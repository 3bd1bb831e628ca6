import { describe, expect, test } from '@jest/globals';
import { type Ended, type Engine, type Machine, sourceOf, telling } from '../support/engine';
import { RELEASED } from '../support/holding';
import { createStage, DEPLOYMENT, request, type Stage } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';
import { type Answers, cannedFunctions, failure, notYet, pending, provenForASecond, restoreFailed } from './canned';
import { answeredBy, answering, functionsOf, leftOn, oursWithout, runEmbedded, toldTokens } from './engines';

const TASKS = [
  ...['CaptureProfile', 'RehearseUndo', 'CreateTempRole', 'SwapProfile', 'WaitAssociated', 'ProveIdentity'],
  ...['SendScript', 'AwaitScript'],
];
/** Tasks that may answer `done: false`. */
const LOOPING = ['CaptureProfile', 'SwapProfile', 'WaitAssociated', 'ProveIdentity', 'AwaitScript', 'Restore'];
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

let accounts = 0;
const HOLD = request({ hold: {} });

/** Its own for each run, as moto needs it. */
const freshAccount = () => String(111_111_111_100 + accounts++);

/**
 * Runs both definitions in `engine` and in the embedded one, on functions that give the same answers.
 * @param timeouts whether a function can be made to raise States.Timeout there
 */
export function sameAnswers(engine: Engine, { timeouts }: { timeouts: boolean }): void {
  const entered: Record<Machine, Set<string>> = { elevation: new Set(), recovery: new Set() };

  /** Returns how it ended in both. */
  async function runBoth(
    machine: Machine,
    answers: Answers,
    { input = request(), answer }: { input?: object; answer?: object } = {},
  ): Promise<Ended> {
    const account = freshAccount();
    const here = cannedFunctions(answers);
    const there = cannedFunctions(answers);
    let stage: Stage;
    const tell = (token: string) => answer && answering(stage, answer)(token);
    stage = await createStage({ account, wrapLauncher: answeredBy(telling(here.invoke, tell)) });
    const embedded = await runEmbedded(stage, machine, input);
    const run = { machine, deployment: DEPLOYMENT, account, input, invoke: there.invoke, answer };
    const other = await engine.run(run);
    expect(other).toEqual(embedded);
    expect(there.invocations).toEqual(here.invocations);
    for (const state of other.states) entered[machine].add(state);
    return other;
  }

  test('a run that goes well', async () => {
    const { status, states } = await runBoth('elevation', {});
    expect(status).toBe('SUCCEEDED');
    expect(states).toEqual(expect.arrayContaining(TASKS));
  });

  test.each(LOOPING)('%s says that it is not done', async (state) => {
    const { status, states } = await runBoth('elevation', { [state]: [state === 'Restore' ? pending : notYet] });
    expect(status).toBe('SUCCEEDED');
    expect(states.filter((name) => name === state)).toHaveLength(2);
  });

  test.each(TASKS)('%s fails', async (state) => {
    const { status, error, states } = await runBoth('elevation', { [state]: [failure('Boom')] });
    expect([status, error]).toEqual(['FAILED', 'Boom']);
    expect(states.includes('Restore')).toBe(states.includes('CreateTempRole'));
  });

  test.each(TASKS)('%s fails by an error that passes: tried again, unless it sends', async (state) => {
    const { status, error } = await runBoth('elevation', { [state]: times(6, failure('AwsUnavailable')) });
    expect([status, error]).toEqual(state === 'SendScript' ? ['FAILED', 'AwsUnavailable'] : ['SUCCEEDED', undefined]);
  });

  test.each(TASKS)('%s dies more often than it is tried again', async (state) => {
    const { status, error } = await runBoth('elevation', { [state]: times(3, failure('Sandbox.Timedout')) });
    expect([status, error]).toEqual(['FAILED', 'Sandbox.Timedout']);
  });

  (timeouts ? test : test.skip)('a step that does not answer in time', async () => {
    const end = await runBoth('elevation', { CaptureProfile: times(3, failure('States.Timeout')) });
    expect(end).toMatchObject({ status: 'FAILED', error: 'AwsUnavailable' });
    expect(end.states.slice(-2)).toEqual(['StepTimedOut', 'Refused']);
  });

  test('SendScript is tried again when the function did not run', async () => {
    const answers = { SendScript: times(6, failure('Lambda.TooManyRequestsException')) };
    expect((await runBoth('elevation', answers)).status).toBe('SUCCEEDED');
  });

  test.each<[string, object | undefined]>([
    ['is released', RELEASED],
    ['lasts until its time is up', undefined],
  ])('a hold that %s', async (_how, answer) => {
    const { status, states, output } = await runBoth('elevation', answer ? {} : { ProveIdentity: [provenForASecond] }, {
      input: HOLD,
      answer,
    });
    expect([status, states.includes('SendScript')]).toEqual(['SUCCEEDED', false]);
    expect(output).toMatchObject({ hold: answer ?? { Error: 'States.Timeout', Cause: '' } });
  });

  test('a hold whose function fails, and one that is throttled first', async () => {
    const failed = await runBoth('elevation', { Hold: [failure('Boom')] }, { input: HOLD, answer: RELEASED });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Boom' });
    expect(failed.states).toContain('Restore');
    const again = { Hold: times(2, failure('Lambda.TooManyRequestsException')) };
    expect((await runBoth('elevation', again, { input: HOLD, answer: RELEASED })).status).toBe('SUCCEEDED');
  });

  test('a script that fails', async () => {
    const answers = { AwaitScript: [{ done: true, status: 'ScriptFailed', exitCode: 7 }] };
    const end = await runBoth('elevation', answers);
    expect(end).toMatchObject({ status: 'FAILED', error: 'ScriptFailed', cause: 'exit code 7' });
  });

  describe.each<Machine>(['elevation', 'recovery'])('%s', (machine) => {
    test('Restore fails three times and then succeeds', async () => {
      const { status, states } = await runBoth(machine, { Restore: times(3, failure('AwsAccessDenied')) });
      expect(status).toBe('SUCCEEDED');
      expect(states.filter((name) => name === 'Restore')).toHaveLength(1);
    });

    test('Restore asks for later looks, and fails between them', async () => {
      const { states } = await runBoth(machine, { Restore: [pending, failure('Boom'), pending] });
      expect(states.filter((name) => name === 'WaitToRestore')).toHaveLength(2);
    });

    test('Restore says that it cannot', async () => {
      const end = await runBoth(machine, { Restore: [restoreFailed] });
      expect(end).toMatchObject({ status: 'FAILED', error: 'OriginalGone', cause: 'It was deleted.' });
      expect(end.states.at(-1)).toBe('RestoreFailed');
    });

    test('Restore fails until it is given up', async () => {
      const end = await runBoth(machine, { Restore: times(301, failure('Boom')) });
      expect(end).toMatchObject({ status: 'FAILED', error: 'RestoreFailed' });
      expect(end.states.slice(-2)).toEqual(['RestoreGaveUp', 'RestoreFailed']);
    }, 120_000);
  });

  test.each<Machine>(['elevation', 'recovery'])('and so every state of %s was entered', (machine) => {
    const all = Object.keys(JSON.parse(sourceOf(machine)).States).filter((name) => timeouts || name !== 'StepTimedOut');
    expect([...entered[machine]].sort()).toEqual(all.sort());
  });
}

/** Runs elevations in `engine` and in the embedded one, on our functions; in worlds of the same seed. */
export function ourFunctions(engine: Engine): void {
  /** The same elevation in both, each on a world of its own. */
  async function runBoth(input: object, failing?: string, answer?: object): Promise<Ended> {
    const account = freshAccount();
    let here: Stage;
    const told = toldTokens((token) => answer && answering(here, answer)(token));
    const ours = oursWithout(failing);
    const stage = (wrapLauncher: typeof ours) => createStage({ account, startAt: Date.now(), wrapLauncher });
    here = await stage((launcher) => told(ours(launcher)));
    // The tokens of the other engine are answered by itself.
    const there = await stage(ours);
    const before = await stateOf(there);
    const { output: _, ...embedded } = await runEmbedded(here, 'elevation', input);
    const invoke = await functionsOf(there);
    const run = { machine: 'elevation' as const, deployment: DEPLOYMENT, account, input, invoke, answer };
    const other = await engine.run(run);
    expect(other).toEqual({ ...embedded, output: other.output });
    const left = await leftOn(there);
    expect(left).toEqual(await leftOn(here));
    expect(withoutDraining(left).rest).toEqual(before);
    return other;
  }

  test('a run that goes well', async () => {
    const { status, output } = await runBoth(request({ shell: ['echo one'] }));
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({ script: { stdout: 'one\n' }, outcome: { restored: 'given-back' } });
  });

  test('a hold that is released', async () => {
    const { status, output } = await runBoth(HOLD, undefined, RELEASED);
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({ hold: RELEASED, outcome: { restored: 'given-back' } });
  });

  test('a script that fails', async () => {
    const { status, error, cause } = await runBoth(request({ shell: ['exit 7'] }));
    expect([status, error]).toEqual(['FAILED', 'ScriptFailed']);
    expect(cause).toContain('exit code 7');
  });

  test.each(TASKS)('%s fails after its work', async (state) => {
    const { status, error } = await runBoth(request(), state);
    expect([status, error]).toEqual(['FAILED', 'Boom']);
  });

  test('Restore fails after its work, and tries again', async () => {
    expect((await runBoth(request(), 'Restore')).status).toBe('SUCCEEDED');
  });
}
