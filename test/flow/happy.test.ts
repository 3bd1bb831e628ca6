import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { createStage, INSTANCE, makeProfile, request, type Stage } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';

const HAPPY = [
  ...['Begin', 'CaptureProfile', 'IsInstanceFree', 'RehearseUndo', 'CreateTempRole', 'SwapProfile', 'IsSwapped'],
  ...['WaitAssociated', 'IsAssociated', 'ProveIdentity', 'IsProven', 'SendScript', 'AwaitScript', 'IsScriptDone'],
  ...['Restore', 'Outcome', 'Succeeded'],
];

/** Consecutive repetitions of a waiting loop say nothing about the flow. */
const withoutLoops = (states: string[]) =>
  states.filter((name, at) => !name.startsWith('WaitFor') && !name.startsWith('WaitTo') && states.indexOf(name) === at);

/** Runs an elevation to its end, and then lets the role drain. */
async function runAndDrain(stage: Stage, input: object) {
  const before = await stateOf(stage);
  const run = await stage.start(input);
  const execution = await stage.ended(run);
  await stage.pass(120);
  const after = withoutDraining(await stateOf(stage));
  await stage.pass(8 * 3600);
  return { before, run, execution, after, drained: await stateOf(stage) };
}

describe('an elevation that goes well', () => {
  test('passes every state once, and leaves only a role that drains, and then nothing', async () => {
    const stage = await createStage();
    const { before, run, execution, after, drained } = await runAndDrain(stage, request());
    expect(execution.status).toBe('SUCCEEDED');
    expect(withoutLoops(await stage.states(run))).toEqual(HAPPY);
    expect(after.rest).toEqual(before);
    const [role] = Object.values(after.draining);
    expect(role?.inline).toEqual([]);
    expect(role?.attached).toEqual(['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore']);
    expect(drained).toEqual(before);
    expect(await stage.recoveries()).toEqual([]);
  });

  test('brings the output and the exit code along', async () => {
    const stage = await createStage();
    const { output } = await stage.ended(await stage.start(request({ shell: ['echo one', 'echo two'] })));
    expect(JSON.parse(output ?? '').script).toMatchObject({ status: 'Success', exitCode: 0, stdout: 'one\ntwo\n' });
  });

  test('with baseline core the temp role holds core and grant only', async () => {
    const stage = await createStage();
    const { before, execution, after } = await runAndDrain(stage, request(undefined, { baseline: 'core' }));
    expect(execution.status).toBe('SUCCEEDED');
    expect(after.rest).toEqual(before);
    expect(Object.values(after.draining)).toMatchObject([{ inline: ['stepup-core'], attached: [] }]);
  });

  test('an instance without a profile has none afterwards', async () => {
    const stage = await createStage({ profile: null });
    // Nothing manages it but what Default Host Management would: the stage gives it a managed past.
    await stage.during(makeProfile(stage.aws, 'visitor'));
    const before = await stateOf(stage);
    const { status, error } = await stage.ended(await stage.start(request()));
    expect([status, error]).toEqual(['FAILED', 'InstanceNotManaged']);
    expect(await stateOf(stage)).toEqual(before);
  });

  test('profile and role may have paths', async () => {
    const stage = await createStage({ profile: null });
    await stage.during(makeProfile(stage.aws, 'billing+app@eu', '/teams/billing/'));
    await stage.pass(60);
    await stage.during(
      stage.aws.world.asRoot('ec2', 'AssociateIamInstanceProfile', {
        InstanceId: INSTANCE,
        IamInstanceProfile: { Name: 'billing+app@eu' },
      }),
    );
    await stage.pass(120);
    const { before, execution, after } = await runAndDrain(stage, request());
    expect(execution.status).toBe('SUCCEEDED');
    expect(after.rest).toEqual(before);
  });

  test('two grants, one after the other', async () => {
    const stage = await createStage();
    const first = await stage.ended(await stage.start(request()));
    const second = await stage.ended(await stage.start(request(undefined, { grant: 'read-bucket-prefix' })));
    expect([first.status, second.status]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  });
});

describe('an elevation that cannot do its work', () => {
  test.each([
    ['a script that fails', { shell: ['echo so far', 'exit 7'] }, 'ScriptFailed', 'exit code 7'],
    ['a script that takes too long', { shell: ['sleep 100000'] }, 'ScriptTimedOut', 'ExecutionTimedOut'],
  ])('%s: the error is the reason, the profile is back', async (_, work, error, cause) => {
    const stage = await createStage();
    const { before, execution, after, drained } = await runAndDrain(stage, request(work, { durationMinutes: 10 }));
    expect(execution).toMatchObject({ status: 'FAILED', error });
    expect(execution.cause).toContain(cause);
    expect(after.rest).toEqual(before);
    expect(drained).toEqual(before);
    expect(await stage.recoveries()).toEqual([]);
  });
});

describe('several elevations of one instance', () => {
  test('without patience one runs and the others are InstanceBusy, and clean', async () => {
    const stage = await createStage();
    const before = await stateOf(stage);
    const runs = await startTogether(stage, 5, {});
    const ends = [];
    for (const run of runs) ends.push(await stage.ended(run));
    expect(ends.filter(({ status }) => status === 'SUCCEEDED')).toHaveLength(1);
    expect(ends.filter(({ error }) => error === 'InstanceBusy')).toHaveLength(4);
    await stage.pass(120);
    expect(withoutDraining(await stateOf(stage)).rest).toEqual(before);
  });

  test('with patience they run one after the other', async () => {
    const stage = await createStage();
    const before = await stateOf(stage);
    const runs = await startTogether(stage, 3, { waitForInstanceMinutes: 120 });
    for (const run of runs) expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
    await stage.pass(120);
    expect(withoutDraining(await stateOf(stage)).rest).toEqual(before);
  });
});

/** All in the same instant of virtual time. */
async function startTogether(stage: Stage, count: number, more: object): Promise<string[]> {
  const input = JSON.stringify(request(undefined, more));
  const starts = Array.from({ length: count }, (_, i) =>
    stage.sfn.send(
      new StartExecutionCommand({ stateMachineArn: stage.machineArn('elevation'), name: `together-${i}`, input }),
    ),
  );
  return (await stage.during(Promise.all(starts))).map(({ executionArn }) => executionArn as string);
}
