import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FunctionDefinition, Launcher } from '../../local/world';
import type { TaskEvent } from '../../state-machine/document';
import { folderOf } from '../support/inProcess';
import { type Ended, type Invoke, type Moto, motoMissing, startMoto } from '../support/moto';
import { createStage, DEPLOYMENT, request, type Stage } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';
import { type Answers, cannedFunctions, failure, notYet, pending, restoreFailed } from './canned';

/*
 * The two ASL files, unchanged, in an engine that is not ours: the interpreter in moto (5.2), which descends from
 * LocalStack's. It shares no code with local/states.
 *
 * Where moto differs from AWS, and what is therefore not shown here:
 *
 * | moto                                                          | AWS                                              |
 * |---------------------------------------------------------------|--------------------------------------------------|
 * | Catch on States.ALL catches States.Runtime                    | never caught                                     |
 * | an Invoke that is refused (429, 403) has the error Exception  | Lambda.TooManyRequestsException, ...             |
 * | $$.Execution has no RedriveCount                              | unconfirmed for a run that was never redriven    |
 */

const missing = motoMissing();
if (missing) {
  console.warn(`SKIPPED: ${missing}. That the state machines run in an engine other than ours is not shown here.`);
  test.skip(`SKIPPED, for ${missing}`, () => undefined);
}
const withMoto = missing ? describe.skip : describe;

const TASKS = [
  ...['CaptureProfile', 'RehearseUndo', 'CreateTempRole', 'SwapProfile', 'WaitAssociated', 'ProveIdentity'],
  ...['SendScript', 'AwaitScript'],
];
/** Tasks that may answer `done: false`. */
const LOOPING = ['CaptureProfile', 'SwapProfile', 'WaitAssociated', 'ProveIdentity', 'AwaitScript'];
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

let moto: Moto;
beforeAll(async () => {
  if (!missing) moto = await startMoto();
}, 60_000);
afterAll(() => moto?.close());

let accounts = 0;
const freshAccount = () => String(111111111100 + accounts++);

type Machine = 'elevation' | 'recovery';

/** Puts `invoke` in the place of every function that a state machine calls. */
const replacing =
  (invoke: Invoke) =>
  ({ launch }: Launcher): Launcher => ({
    launch: (fn, environment) => ({
      invoke: (event, context) =>
        (event as Partial<TaskEvent>).state ? invoke(context.invokedArn, event) : { payload: {} },
      close: () => undefined,
    }),
  });

/** The embedded engine, on the stack as synthesised. */
async function runEmbedded(stage: Stage, machine: Machine, input: object): Promise<Ended> {
  const stateMachineArn = stage.machineArn(machine);
  const start = new StartExecutionCommand({ stateMachineArn, name: 'run-1', input: JSON.stringify(input) });
  const { executionArn } = await stage.during(stage.sfn.send(start));
  const { status, error, cause, output } = await stage.ended(executionArn as string);
  const states = await stage.states(executionArn as string);
  return { status: status as string, error, cause, output: output && JSON.parse(output), states };
}

withMoto('the same answers lead through the same states to the same end', () => {
  /** Runs a machine in both engines, on functions that answer the same; returns how it ended in both. */
  async function runBoth(machine: Machine, answers: Answers): Promise<Ended> {
    const account = freshAccount();
    const here = cannedFunctions(answers);
    const there = cannedFunctions(answers);
    const stage = await createStage({ account, wrapLauncher: replacing(here.invoke) });
    const embedded = await runEmbedded(stage, machine, request());
    // Before anything that the end of the embedded run has set off can ask again.
    const invocations = [...here.invocations];
    const other = await moto.run({ machine, deployment: DEPLOYMENT, account, input: request(), invoke: there.invoke });
    expect(other).toEqual(embedded);
    expect(there.invocations).toEqual(invocations);
    return other;
  }

  test('a run that goes well', async () => {
    const { status, states } = await runBoth('elevation', {});
    expect(status).toBe('SUCCEEDED');
    expect(states).toEqual(expect.arrayContaining(TASKS));
    expect(states.at(-1)).toBe('Succeeded');
  });

  test.each([...LOOPING, 'Restore'])('%s says twice that it is not done', async (state) => {
    const { status, states } = await runBoth('elevation', {
      [state]: times(2, state === 'Restore' ? pending : notYet),
    });
    expect(status).toBe('SUCCEEDED');
    expect(states.filter((name) => name === state)).toHaveLength(3);
  });

  test.each(TASKS)('%s fails', async (state) => {
    const { status, error, states } = await runBoth('elevation', { [state]: [failure('Boom')] });
    expect([status, error]).toEqual(['FAILED', 'Boom']);
    expect(states.includes('Restore')).toBe(states.includes('CreateTempRole'));
  });

  test.each(TASKS)('%s fails by an error that passes, and is retried unless it sends', async (state) => {
    const { status, error } = await runBoth('elevation', { [state]: times(6, failure('AwsUnavailable')) });
    expect([status, error]).toEqual(state === 'SendScript' ? ['FAILED', 'AwsUnavailable'] : ['SUCCEEDED', undefined]);
  });

  test.each(TASKS)('%s dies more often than it is retried', async (state) => {
    const { status, error } = await runBoth('elevation', { [state]: times(3, failure('Sandbox.Timedout')) });
    expect([status, error]).toEqual(['FAILED', 'Sandbox.Timedout']);
  });

  test('SendScript is retried when the function did not run', async () => {
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

    test('Restore is asked for a later look', async () => {
      const { states } = await runBoth(machine, { Restore: [pending, failure('Boom'), pending] });
      expect(states.filter((name) => name === 'WaitToRestore')).toHaveLength(2);
    });

    test('Restore says that it cannot', async () => {
      const end = await runBoth(machine, { Restore: [restoreFailed] });
      expect(end).toMatchObject({ status: 'FAILED', error: 'OriginalGone', cause: 'It was deleted.' });
      expect(end.states.at(-1)).toBe('RestoreFailed');
    });

    test('Restore fails 301 times', async () => {
      const end = await runBoth(machine, { Restore: times(301, failure('Boom')) });
      expect(end).toMatchObject({ status: 'FAILED', error: 'RestoreFailed' });
      expect(end.states.slice(-2)).toEqual(['RestoreGaveUp', 'RestoreFailed']);
    }, 60_000);
  });
});

withMoto("moto's engine drives our functions", () => {
  /** What it cannot show: sweep asks the embedded Step Functions, which does not know executions of moto. */
  const withoutSweep = (fn: FunctionDefinition) => folderOf(fn.name) === 'sweep';

  /** Fails the first invocation for `state`, after its work. */
  const failingOnce =
    (state?: string) =>
    (launcher: Launcher): Launcher => {
      let due = true;
      return {
        launch: (fn, environment) => {
          const { invoke, close } = launcher.launch(fn, environment);
          return {
            close,
            invoke: async (event, context) => {
              if (withoutSweep(fn)) return { payload: {} };
              const result = await invoke(event, context);
              if (!due || (event as TaskEvent).state?.Name !== state) return result;
              due = false;
              return { functionError: { errorType: 'Boom', errorMessage: 'thrown by the test' } };
            },
          };
        },
      };
    };

  /** Functions of the stage, under the state machine's role; what the machine waits for passes in the stage's time. */
  async function functionsOf({ aws: { world }, machineArn, during, pass }: Stage): Promise<Invoke> {
    const stateMachineArn = machineArn('elevation');
    const { roleArn } = await world.asRoot('states', 'DescribeStateMachine', { stateMachineArn });
    const roleName = roleArn.split('/').at(-1);
    return async (arn, event) => {
      const session = world.iam.issueSession({ roleName, sessionName: 'moto', lifetime: 3_600_000 });
      const { principal } = world.iam.accessKey(session.accessKeyId)!;
      const result = await during(world.lambda.invoke(arn, event, principal));
      if ('functionError' in result) return result;
      const payload = result.payload as { done?: boolean; waitSeconds?: number };
      if (payload.done !== false) return result;
      await pass(payload.waitSeconds!);
      return { payload: { ...payload, waitSeconds: 1 } };
    };
  }

  const TIMES = ['started', 'expires', 'restoring-since', 'draining-since', 'delete-after'].map(
    (tag) => `stepup:${tag}`,
  );

  /** What is left after a run, but for the moments at which it happened. */
  async function leftBy(stage: Stage) {
    await stage.pass(120);
    const state = await stateOf(stage);
    for (const { tags } of Object.values(state.roles)) for (const tag of TIMES) if (tags[tag]) tags[tag] = 'a time';
    return state;
  }

  /** The same elevation in both engines, each on a world of its own. */
  async function runBoth(input: object, failing?: string) {
    const account = freshAccount();
    const options = { account, startAt: Date.now(), wrapLauncher: failingOnce(failing) };
    const [here, there] = [
      await createStage(options),
      await createStage({ ...options, wrapLauncher: failingOnce(failing) }),
    ];
    const before = await stateOf(there);
    const embedded = await runEmbedded(here, 'elevation', input);
    const invoke = await functionsOf(there);
    const other = await moto.run({ machine: 'elevation', deployment: DEPLOYMENT, account, input, invoke });
    const left = await leftBy(there);
    expect(withoutDraining(left).rest).toEqual(before);
    expect(left).toEqual(await leftBy(here));
    const { output, ...end } = other;
    const { output: _, ...expected } = embedded;
    expect(end).toEqual(expected);
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
