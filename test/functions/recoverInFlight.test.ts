import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import type { Intercept } from '../../local';
import { around } from '../support/faulty';
import { createStage, INSTANCE, request, type Stage } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';
import { elevated, expectNoGrantLeft } from './restore/elevated';
import { attachedNow } from './worlds';

const abort = ({ aws }: Stage, executionArn: string) => aws.world.asRoot('states', 'StopExecution', { executionArn });

/** Holds one call of one function: `reached` when it has been made, carried out `seconds` later. */
function holding(folder: string, name: string, seconds: number) {
  const held = { stage: undefined as Stage | undefined, reached: false };
  const intercept: Intercept = async ({ operation, principal }, proceed) => {
    if (held.reached || !held.stage || operation !== name || !principal.name?.endsWith(`-${folder}`)) return proceed();
    held.reached = true;
    await held.stage.clock.sleep(seconds * 1_000);
    return proceed();
  };
  return { held, intercept };
}

async function until(stage: Stage, come: () => boolean): Promise<void> {
  for (let looks = 0; !come(); looks += 1) {
    if (looks > 3_000) throw new Error('It never came to that');
    await stage.pass(0.2);
  }
}

/** Everything but the role that drains is as it was. */
async function expectAsBefore(stage: Stage, before: Awaited<ReturnType<typeof stateOf>>): Promise<void> {
  const { rest, draining } = withoutDraining(await stateOf(stage));
  expect(rest).toEqual(before);
  for (const { inline } of Object.values(draining)) expect(inline).not.toContain('stepup-grant');
}

describe('a call that was in flight when the run died, and is carried out later', () => {
  test.each([
    ['createTempRole', 'CreateRole', 1],
    ['createTempRole', 'CreateRole', 20],
    ['createTempRole', 'CreateRole', 58],
    ['createTempRole', 'PutRolePolicy', 55],
    ['createTempRole', 'CreateInstanceProfile', 55],
    ['createTempRole', 'AddRoleToInstanceProfile', 55],
    ['swapProfile', 'ReplaceIamInstanceProfileAssociation', 1],
    ['swapProfile', 'ReplaceIamInstanceProfileAssociation', 20],
    ['swapProfile', 'ReplaceIamInstanceProfileAssociation', 58],
  ])('%s, %s, %s s: is found and undone by the same recovery', async (folder, name, seconds) => {
    const { held, intercept } = holding(folder, name, seconds);
    const stage = await createStage({ intercept });
    const before = await stateOf(stage);
    held.stage = stage;
    const run = await stage.start(request());
    await until(stage, () => held.reached);
    await abort(stage, run);
    await stage.pass(400);
    const [recovery = '', ...others] = await stage.recoveries();
    expect(others).toEqual([]);
    expect(await stage.ended(recovery)).toMatchObject({ status: 'SUCCEEDED' });
    await expectAsBefore(stage, before);
  });

  // 5 s: EC2 does not know yet then that the profile was deleted, if it was.
  test.each([5, 45])(
    '%s s: is found although the record looks as if it had been restoring for years',
    async (seconds) => {
      const { held, intercept } = holding('swapProfile', 'ReplaceIamInstanceProfileAssociation', seconds);
      const stage = await createStage({ intercept });
      const before = await stateOf(stage);
      held.stage = stage;
      const run = await stage.start(request());
      await until(stage, () => held.reached);
      const Tags = [{ Key: 'stepup:restoring-since', Value: '2020-01-01T00:00:00.000Z' }];
      await stage.aws.world.asRoot('iam', 'TagRole', { RoleName: tempName(run), Tags });
      await abort(stage, run);
      await stage.pass(400);
      expect(await stage.recoveries()).toHaveLength(1);
      await expectAsBefore(stage, before);
    },
  );

  test.each([
    ['CreateTempRole', 'createTempRole', 'CreateRole', 5],
    ['CreateTempRole', 'createTempRole', 'CreateRole', 45],
    ['SwapProfile', 'swapProfile', 'ReplaceIamInstanceProfileAssociation', 5],
    ['SwapProfile', 'swapProfile', 'ReplaceIamInstanceProfileAssociation', 45],
  ])("is found by the run's own Restore: Lambda gave %s up, and not %s", async (state, folder, name, seconds) => {
    const { held, intercept } = holding(folder, name, seconds);
    const wrapLauncher = around(state, async (event, invoke) => {
      void invoke(event);
      while (!held.reached) await held.stage?.clock.sleep(100);
      return { functionError: { errorType: 'Lambda.Strange', errorMessage: 'said by the test' } };
    });
    const stage = await createStage({ intercept, wrapLauncher });
    const before = await stateOf(stage);
    held.stage = stage;
    const run = await stage.start(request());
    expect(await stage.ended(run)).toMatchObject({ status: 'FAILED', error: 'Lambda.Strange' });
    await stage.pass(60);
    expect(await stage.recoveries()).toEqual([]);
    await expectAsBefore(stage, before);
  });

  test('a script that is sent late is cancelled by the closing look', async () => {
    const { held, intercept } = holding('runScript', 'SendCommand', 40);
    const stage = await createStage({ intercept });
    const before = await stateOf(stage);
    stage.aws.world.states.onEntered = (_, state) => {
      if (state === 'SendScript') held.stage = stage;
    };
    const run = await stage.start(request({ shell: ['sleep 3000'] }));
    await until(stage, () => held.reached);
    await abort(stage, run);
    await stage.pass(400);
    expect(await stage.recoveries()).toHaveLength(1);
    await expectAsBefore(stage, before);
  });
});

describe('a Restore that still goes on', () => {
  test.each([
    'DescribeIamInstanceProfileAssociations',
    'TagRole',
    'DeleteRolePolicy',
    'ReplaceIamInstanceProfileAssociation',
    'DeleteInstanceProfile',
  ])('held at %s when its run is stopped: it and the recovery do no harm to each other', async (name) => {
    const { held, intercept } = holding('restore', name, 30);
    const { stage, run } = await elevated({ intercept });
    held.stage = stage;
    await until(stage, () => held.reached);
    await abort(stage, run);
    await stage.pass(400);
    const [recovery = '', ...others] = await stage.recoveries();
    expect(others).toEqual([]);
    expect(await stage.ended(recovery)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
  });

  test.each([
    ['running', 'ReplaceIamInstanceProfileAssociation', 'app associated'],
    ['stopped', 'DisassociateIamInstanceProfile', 'app associating'],
    ['stopped', 'AssociateIamInstanceProfile', 'app associating'],
  ])('two recoveries at once, on an instance that is %s; one held at %s', async (state, name, attached) => {
    const { held, intercept } = holding('restore', name, 18);
    const { stage, run } = await elevated({ intercept });
    if (state === 'stopped') stage.aws.world.ec2.stopInstance(INSTANCE);
    held.stage = stage;
    await abort(stage, run);
    await until(stage, () => held.reached);
    const input = JSON.stringify({ execution: run });
    const again = new StartExecutionCommand({ stateMachineArn: stage.machineArn('recovery'), input });
    await stage.during(stage.sfn.send(again));
    await stage.pass(400);
    const recoveries = await stage.recoveries();
    expect(recoveries).toHaveLength(2);
    for (const recovery of recoveries) expect(await stage.ended(recovery)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await attachedNow(stage)).toEqual([attached]);
    await expectNoGrantLeft(stage);
  });
});

test('a recovery cancels the script before it takes the profile away', async () => {
  const calls: string[] = [];
  const intercept: Intercept = ({ operation, principal }, proceed) => {
    if (principal.name?.endsWith('-restore')) calls.push(operation);
    return proceed();
  };
  const { stage, run } = await elevated({ intercept });
  calls.length = 0;
  await abort(stage, run);
  await stage.pass(300);
  const place = (name: string) => calls.indexOf(name);
  expect(place('CancelCommand')).toBeGreaterThanOrEqual(0);
  expect(place('DeleteRolePolicy')).toBeGreaterThanOrEqual(0);
  expect(place('CancelCommand')).toBeLessThan(place('ReplaceIamInstanceProfileAssociation'));
  expect(place('DeleteRolePolicy')).toBeLessThan(place('ReplaceIamInstanceProfileAssociation'));
});
