import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../local';
import type { InvokeResult } from '../../local/world';
import { around } from '../support/faulty';
import { createStage, DEPLOYMENT, INSTANCE, request, type Stage } from '../support/stage';
import { stateOf } from '../support/worldState';
import {
  drained,
  HOUR,
  ofSweep,
  passUntil,
  rolesOf,
  somebodyMakesProfile,
  somebodyMakesRole,
  sweepNow,
  TEMP,
  TEMP_PATH,
  unheard,
} from './sweeps';
import { attachedNow, putPolicy, SETTLED, somebodyDeletes, somebodyMakes, somebodyReplaces } from './worlds';

describe('a role that has drained', () => {
  test('is there until its last credential has expired, and gone at the next sweep', async () => {
    const { stage, before, deleteAfter } = await drained();
    expect(deleteAfter - stage.clock.now()).toBeGreaterThan(6.5 * HOUR * 1_000);
    await passUntil(stage, deleteAfter - 1_000);
    expect(await rolesOf(stage)).toContain(TEMP);
    await stage.pass(16 * 60);
    expect(await stateOf(stage)).toEqual(before);
  });

  test('goes with the policies that others attached to it', async () => {
    const { stage, before } = await drained();
    const PolicyArn = 'arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy';
    await stage.aws.world.asRoot('iam', 'AttachRolePolicy', { RoleName: TEMP, PolicyArn });
    await putPolicy(stage, TEMP, 'of-quick-setup', { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
    await stage.pass(8 * HOUR);
    expect(await stateOf(stage)).toEqual(before);
  });

  async function reattached(stage: Stage) {
    await somebodyMakesProfile(stage);
    await stage.pass(SETTLED);
    await somebodyReplaces(stage, TEMP);
  }

  test('and is on an instance again: the original is given back, whatever the record says', async () => {
    const { stage } = await drained();
    await reattached(stage);
    await stage.pass(HOUR);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await stage.pass(9 * HOUR);
    expect(await rolesOf(stage)).not.toContain(TEMP);
  });

  test('was deleted by somebody, its profile forgotten: the instance is not busy for ever', async () => {
    const { stage } = await drained();
    const InstanceProfileName = 'stepup-00000000000000000000000000000000';
    await stage.aws.world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName, Path: TEMP_PATH });
    expect(await stage.ended(await stage.start(request()))).toMatchObject({ error: 'InstanceBusy' });
    await stage.pass(2 * HOUR);
    expect(await stage.ended(await stage.start(request()))).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('stays while an instance carries it for want of an original, and drains once none does', async () => {
    const { stage } = await drained();
    await reattached(stage);
    await somebodyDeletes(stage, 'app');
    await stage.pass(9 * HOUR);
    expect(await rolesOf(stage)).toContain(TEMP);
    expect(await attachedNow(stage)).toEqual([`${TEMP} associated`]);
    expect(await stage.recoveries()).toEqual([]);
    await somebodyMakes(stage, 'new');
    await stage.pass(SETTLED);
    await somebodyReplaces(stage, 'new');
    // What it issued last lives for six hours and a half.
    await stage.pass(6.5 * HOUR);
    expect(await rolesOf(stage)).toContain(TEMP);
    await stage.pass(HOUR);
    expect(await rolesOf(stage)).not.toContain(TEMP);
    expect(await attachedNow(stage)).toEqual(['new associated']);
  });

  test('whose deletion was interrupted anywhere is deleted by a later sweep', async () => {
    const steps = ['DetachRolePolicy', 'DeleteRole', 'ListAttachedRolePolicies', 'DescribeExecution'];
    let broken: string | undefined;
    const intercept = ofSweep(async ({ operation }, proceed) => {
      if (broken === operation) throw new AwsError('AccessDenied', 'no', 403);
      return proceed();
    });
    const { stage, before } = await drained({ intercept });
    for (const step of steps) {
      broken = step;
      await stage.pass(8 * HOUR);
      expect(await rolesOf(stage)).toContain(TEMP);
    }
    broken = undefined;
    await stage.pass(HOUR);
    expect(await stateOf(stage)).toEqual(before);
  });
});

describe('what is not ours', () => {
  test.each([
    ['of another deployment', `/stepup/elevations/${INSTANCE}/Other-us-east-1/`],
    ['of a deployment whose name begins like ours', `/stepup/elevations/${INSTANCE}/${DEPLOYMENT}-2/`],
    ['under another path', '/teams/billing/'],
  ])('a role %s stays as it is, though its tags say that it has drained', async (_, Path) => {
    const { stage } = await drained();
    const { tags } = (await stateOf(stage)).roles[TEMP]!;
    await somebodyMakesRole(stage, 'stepup-foreign', Path, tags);
    const before = (await stateOf(stage)).roles['stepup-foreign'];
    await stage.pass(9 * HOUR);
    const { roles } = await stateOf(stage);
    expect(roles['stepup-foreign']).toEqual(before);
    expect(roles[TEMP]).toBeUndefined();
    expect(await sweepNow(stage)).toMatchObject({ roles: 0, unexplained: [] });
  });

  test('a role under our path that is not understood is left, and holds up nothing', async () => {
    const { stage } = await drained();
    await somebodyMakesRole(stage, 'aaa-scribbled', TEMP_PATH, { note: 'by hand' });
    await stage.pass(9 * HOUR);
    const roles = await rolesOf(stage);
    expect(roles).toContain('aaa-scribbled');
    expect(roles).not.toContain(TEMP);
  });
});

describe('a run that nobody recovered', () => {
  test('is recovered by sweep, once, after recover has had its chance', async () => {
    const { stage, before } = await unheard();
    await stage.pass(4 * 60);
    expect((await sweepNow(stage)).recovering).toEqual([]);
    await stage.pass(26 * 60);
    expect(await stage.recoveries()).toHaveLength(1);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await stage.pass(8 * HOUR);
    expect(await stateOf(stage)).toEqual(before);
    expect(await stage.recoveries()).toHaveLength(1);
  });

  test('is tried again by the next sweep when sweep itself was hindered', async () => {
    let hindered = 2;
    const intercept = ofSweep(async ({ operation }, proceed) => {
      if (operation !== 'StartExecution' || hindered === 0) return proceed();
      hindered -= 1;
      throw new AwsError('AccessDeniedException', 'no', 400);
    });
    const { stage, before } = await unheard({ intercept });
    await stage.pass(9 * HOUR);
    expect(hindered).toBe(0);
    expect(await stateOf(stage)).toEqual(before);
  });

  test('one that does not get on is stopped 15 minutes after its grant has ended, and recovered', async () => {
    const wrapLauncher = around('AwaitScript', async () => ({ payload: { done: false, waitSeconds: 300 } }));
    const stage = await createStage({ wrapLauncher });
    const start = stage.clock.now();
    const run = await stage.start(request(undefined, { durationMinutes: 30 }));
    const { status, error } = await stage.ended(run);
    expect([status, error]).toEqual(['ABORTED', 'ElevationOverdue']);
    // 30 minutes of work, 15 more until the grant ends, 15 until it is overdue, and sweep comes every 15.
    expect((stage.clock.now() - start) / 60_000).toBeGreaterThan(60);
    expect((stage.clock.now() - start) / 60_000).toBeLessThan(80);
    await stage.pass(300);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test.each([
    ['before its work', false],
    ['after its work', true],
  ])('one that restores is never stopped, although Restore fails for hours, %s', async (_, works) => {
    let broken = true;
    const fault: InvokeResult = { functionError: { errorType: 'Boom', errorMessage: 'for hours' } };
    const wrapLauncher = around('Restore', async (event, invoke) => {
      const result = works || !broken ? await invoke(event) : fault;
      return broken ? fault : result;
    });
    const stage = await createStage({ wrapLauncher });
    const run = await stage.start(request(undefined, { durationMinutes: 30 }));
    await stage.pass(3 * HOUR);
    broken = false;
    expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('one that still runs is left to itself', async () => {
    const stage = await createStage();
    const run = await stage.start(request({ shell: ['sleep 3000'] }, { durationMinutes: 60 }));
    await stage.pass(45 * 60);
    expect(await attachedNow(stage)).toEqual([`${TEMP} associated`]);
    expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await stage.recoveries()).toEqual([]);
  });
});
