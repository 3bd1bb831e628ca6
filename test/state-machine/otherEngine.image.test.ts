import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Ended, type Machine, type Moto, motoMissing, startMoto } from '../support/moto';
import { createStage, DEPLOYMENT, request } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';
import { type Answers, cannedFunctions, failure, notYet, pending, restoreFailed } from './canned';
import { answeredBy, functionsOf, leftOn, oursWithout, runEmbedded } from './engines';

/*
 * The two ASL files, unchanged, in an engine that is not ours: moto's (5.2.1), which descends from LocalStack's and
 * shares no code with local/states. Only the waits of Retry are shortened there (test/support/moto.ts).
 *
 * Where moto differs from AWS (aws-facts-2 12), and what is therefore not shown here:
 *
 * | moto                                                            | AWS                                           |
 * |-----------------------------------------------------------------|-----------------------------------------------|
 * | Catch on States.ALL catches States.Runtime                      | never caught                                  |
 * | a Choice's Variable that leads nowhere takes the Default        | States.Runtime                                |
 * | CausePath to a number is taken as it is                         | must be a string                              |
 * | Fail by a path to 'States.Timeout' fails with States.Runtime    | unconfirmed; no error name but AWS's own may  |
 * |                                                                 | begin with 'States.', says the documentation  |
 * | an Invoke that is refused (429, 403) fails with 'Exception'     | Lambda.TooManyRequestsException, ...          |
 * | a function's error without errorType fails with 'Exception'     | Lambda.Unknown                                |
 * | a Cause has characters beyond ASCII escaped                     | as the function wrote it                      |
 * | $$.Execution has no RedriveCount                                | unconfirmed for a run never redriven          |
 * | times in $$ have microseconds and +00:00                        | milliseconds and Z                            |
 */

const missing = motoMissing();
if (missing) {
  console.warn(`SKIPPED: ${missing}. Nothing shows here that the state machines run in an engine other than ours.`);
  test.skip(`SKIPPED: ${missing}`, () => undefined);
}
const withMoto = missing ? describe.skip : describe;

const TASKS = [
  ...['CaptureProfile', 'RehearseUndo', 'CreateTempRole', 'SwapProfile', 'WaitAssociated', 'ProveIdentity'],
  ...['SendScript', 'AwaitScript'],
];
/** Tasks that may answer `done: false`. */
const LOOPING = ['CaptureProfile', 'SwapProfile', 'WaitAssociated', 'ProveIdentity', 'AwaitScript', 'Restore'];
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

let moto: Moto;
beforeAll(async () => {
  if (!missing) moto = await startMoto();
}, 60_000);
afterAll(() => moto?.close());

let accounts = 0;
/** Its own for each run: this moto answers a second StartExecution in one account with 500. */
const freshAccount = () => String(111_111_111_100 + accounts++);

withMoto('the same answers lead through the same states to the same end', () => {
  const entered: Record<Machine, Set<string>> = { elevation: new Set(), recovery: new Set() };

  /** Runs a machine in both engines, on functions that answer the same; returns how it ended in both. */
  async function runBoth(machine: Machine, answers: Answers): Promise<Ended> {
    const account = freshAccount();
    const here = cannedFunctions(answers);
    const there = cannedFunctions(answers);
    const stage = await createStage({ account, wrapLauncher: answeredBy(here.invoke) });
    const input = request();
    const embedded = await runEmbedded(stage, machine, input);
    const other = await moto.run({ machine, deployment: DEPLOYMENT, account, input, invoke: there.invoke });
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

  test('SendScript is tried again when the function did not run', async () => {
    const answers = { SendScript: times(6, failure('Lambda.TooManyRequestsException')) };
    expect((await runBoth('elevation', answers)).status).toBe('SUCCEEDED');
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
    const text = readFileSync(join(__dirname, `../../state-machine/${machine}.asl.json`), 'utf8');
    // A function cannot be made to raise States.Timeout there: the embedded engine's own tests go that way.
    const all = Object.keys(JSON.parse(text).States).filter((name) => name !== 'StepTimedOut');
    expect([...entered[machine]].sort()).toEqual(all.sort());
  });
});

withMoto("our functions do the same when moto's engine drives them", () => {
  /** The same elevation in both engines, each on a world of its own, of the same seed. */
  async function runBoth(input: object, failing?: string): Promise<Ended> {
    const account = freshAccount();
    const stage = () => createStage({ account, startAt: Date.now(), wrapLauncher: oursWithout(failing) });
    const here = await stage();
    const there = await stage();
    const before = await stateOf(there);
    const { output: _, ...embedded } = await runEmbedded(here, 'elevation', input);
    const invoke = await functionsOf(there);
    const other = await moto.run({ machine: 'elevation', deployment: DEPLOYMENT, account, input, invoke });
    expect(other).toMatchObject(embedded);
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
});
