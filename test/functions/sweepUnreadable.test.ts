import { describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import { around } from '../support/faulty';
import { createStage, INSTANCE, request, type Stage } from '../support/stage';
import { stateOf } from '../support/worldState';
import {
  drained,
  FIRST,
  HOUR,
  rolesOf,
  somebodyMakesProfile,
  somebodyMakesRole,
  sweepNow,
  TEMP,
  TEMP_PATH,
  unheard,
} from './sweeps';
import { attachedNow, putPolicy, SETTLED, somebodyDeletes, somebodyReplaces, somebodyTakesItOff } from './worlds';

const untag = ({ aws }: Stage, RoleName = TEMP) =>
  aws.world.asRoot('iam', 'UntagRole', { RoleName, TagKeys: ['stepup:execution', 'stepup:original'] });

/** Somebody deletes a temp role, and the policies that it had. */
async function deleteRole(stage: Stage, RoleName = TEMP) {
  const { world } = stage.aws;
  const { attached, inline } = (await stateOf(stage)).roles[RoleName]!;
  for (const PolicyArn of attached) await world.asRoot('iam', 'DetachRolePolicy', { RoleName, PolicyArn });
  for (const PolicyName of inline) await world.asRoot('iam', 'DeleteRolePolicy', { RoleName, PolicyName });
  await world.asRoot('iam', 'DeleteRole', { RoleName });
}

describe('a run that no event told of, and that no record describes any more', () => {
  test('is recovered from its history, and reported', async () => {
    const { stage } = await unheard();
    await untag(stage);
    await stage.pass(6 * 60);
    const { recovering, unexplained } = await sweepNow(stage);
    expect(recovering).toHaveLength(1);
    expect(unexplained).toEqual([{ name: TEMP, why: expect.stringContaining('not those that StepUp wrote') }]);
    await stage.pass(HOUR);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    expect(await stage.recoveries()).toHaveLength(1);
    expect((await stateOf(stage)).roles[TEMP]).toMatchObject({
      inline: expect.not.arrayContaining(['stepup-grant']),
      tags: expect.objectContaining({ 'stepup:draining-since': expect.anything() }),
    });
    // A person has to see it: it stays.
    await stage.pass(9 * HOUR);
    expect(await rolesOf(stage)).toContain(TEMP);
    expect(await stage.recoveries()).toHaveLength(1);
  });

  test('is recovered also when no instance carries its profile, which marks its own as busy', async () => {
    const { stage } = await unheard();
    await untag(stage);
    await somebodyReplaces(stage, 'app');
    await stage.pass(HOUR);
    expect(await stage.recoveries()).toHaveLength(1);
    expect(await stage.ended(await stage.start(request()))).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('is not recovered again and again for a role that its history does not name', async () => {
    const { stage } = await unheard();
    await somebodyReplaces(stage, 'app');
    await stage.aws.world.asRoot('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName: TEMP, RoleName: TEMP });
    await deleteRole(stage);
    await somebodyMakesRole(stage, TEMP, TEMP_PATH, { note: 'by hand' });
    await putPolicy(stage, TEMP, 'stepup-grant', { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
    await stage.pass(2 * HOUR);
    expect(await stage.recoveries()).toEqual([]);
    expect((await stateOf(stage)).roles[TEMP]?.inline).toEqual(['stepup-grant']);
    expect((await sweepNow(stage)).unexplained).toEqual([{ name: TEMP, why: expect.any(String) }]);
  });

  test('is recovered from its history when its role was deleted', async () => {
    const { stage } = await unheard();
    await stage.aws.world.asRoot('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName: TEMP, RoleName: TEMP });
    await deleteRole(stage);
    await stage.pass(HOUR);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    expect(await stage.recoveries()).toHaveLength(1);
    await stage.pass(HOUR);
    expect(Object.keys((await stateOf(stage)).profiles).join()).not.toContain(TEMP);
  });

  test('is only watched when its role and its original were deleted', async () => {
    const { stage } = await unheard();
    await stage.aws.world.asRoot('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName: TEMP, RoleName: TEMP });
    await deleteRole(stage);
    await somebodyDeletes(stage, 'app');
    await stage.pass(HOUR);
    expect(await stage.recoveries()).toEqual([]);
    expect((await sweepNow(stage)).unexplained).toEqual([
      { name: TEMP, why: expect.stringContaining('attach another') },
    ]);
  });

  test('is left to itself while it runs', async () => {
    const stage = await createStage();
    const run = await stage.start(request({ shell: ['sleep 3000'] }, { durationMinutes: 60 }));
    await stage.pass(SETTLED);
    await untag(stage);
    await stage.pass(45 * 60);
    expect(await stage.recoveries()).toEqual([]);
    expect(await attachedNow(stage)).toEqual([`${TEMP} associated`]);
    expect(await stage.ended(run)).toMatchObject({ error: 'RecordTampered' });
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test('keeps its profile while it runs, though its role is gone and no instance carries it', async () => {
    const wrapLauncher = around('AwaitScript', async () => ({ payload: { done: false, waitSeconds: 300 } }));
    const stage = await createStage({ wrapLauncher });
    await stage.start(request());
    await stage.pass(SETTLED);
    await somebodyReplaces(stage, 'app');
    await stage.aws.world.asRoot('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName: TEMP, RoleName: TEMP });
    await deleteRole(stage);
    await stage.pass(2 * HOUR);
    expect(Object.keys((await stateOf(stage)).profiles).join()).toContain(TEMP);
  });
});

describe('what sweep cannot explain', () => {
  test('a role under our path with the tags of another run is reported, and stays', async () => {
    const { stage } = await drained();
    const { tags } = (await stateOf(stage)).roles[TEMP]!;
    const copy = tempName('another');
    await somebodyMakesRole(stage, copy, TEMP_PATH, tags);
    await putPolicy(stage, copy, 'stepup-grant', { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
    await stage.pass(9 * HOUR);
    expect(await rolesOf(stage)).toContain(copy);
    expect((await stateOf(stage)).roles[copy]?.inline).toEqual(['stepup-grant']);
    expect((await sweepNow(stage)).unexplained).toEqual([{ name: copy, why: expect.stringContaining(FIRST) }]);
  });

  test('a profile that another instance carries: no recovery could free it', async () => {
    const { stage } = await drained();
    await somebodyMakesProfile(stage);
    await stage.pass(SETTLED);
    const other = 'i-0bbbbbbbbbbbbbbbb';
    stage.aws.world.ec2.addInstance({ id: other, profile: TEMP });
    await stage.pass(9 * HOUR);
    expect(await stage.recoveries()).toEqual([]);
    expect(await rolesOf(stage)).toContain(TEMP);
    const why = `Its profile is on ${other}, and was made for ${INSTANCE}.`;
    expect((await sweepNow(stage)).unexplained).toEqual([{ name: TEMP, why }]);
  });

  test('a profile of no run that an instance carries', async () => {
    const { stage } = await drained();
    const name = tempName('nobody');
    await somebodyMakesProfile(stage, name, TEMP);
    await stage.pass(SETTLED);
    await somebodyReplaces(stage, name);
    await stage.pass(2 * HOUR);
    expect(await attachedNow(stage)).toEqual([`${name} associated`]);
    expect((await sweepNow(stage)).unexplained).toEqual([{ name, why: expect.stringContaining('no run') }]);
    await somebodyTakesItOff(stage);
  });
});
