import { describe, expect, test } from '@jest/globals';
import type { Intercept } from '../../local';
import { DEPLOYMENT, INSTANCE, type Stage } from '../support/stage';
import { stateOf } from '../support/worldState';
import { drained, grantAgain, HOUR, ofSweep, passUntil, rolesOf, somebodyMakesProfile, sweepNow, TEMP } from './sweeps';
import { putPolicy, SETTLED, somebodyDeletes, somebodyReplaces } from './worlds';

const inlineOf = async (stage: Stage, role = TEMP) => (await stateOf(stage)).roles[role]?.inline;

describe('a draining role that has the grant again', () => {
  test('loses it at the next turn, long before it is due, and keeps what it drains with', async () => {
    const { stage } = await drained();
    const baseline = await inlineOf(stage);
    await putPolicy(stage, TEMP, 'of-quick-setup', { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
    await grantAgain(stage);
    await stage.pass(15 * 60);
    expect(await inlineOf(stage)).toEqual(['of-quick-setup', ...baseline!]);
    await grantAgain(stage);
    await stage.pass(SETTLED);
    expect(await sweepNow(stage)).toMatchObject({ stripped: [TEMP], deleted: [], unexplained: [] });
    await stage.pass(SETTLED);
    expect(await sweepNow(stage)).toMatchObject({ stripped: [] });
  });

  test('loses it also on an instance that keeps the profile for want of an original', async () => {
    const { stage, deleteAfter } = await drained();
    await somebodyMakesProfile(stage);
    await stage.pass(SETTLED);
    await somebodyDeletes(stage, 'app');
    await somebodyReplaces(stage, TEMP);
    await passUntil(stage, deleteAfter);
    await grantAgain(stage);
    await stage.pass(SETTLED);
    expect(await sweepNow(stage)).toMatchObject({ stripped: [TEMP], recovering: [] });
  });

  test('loses it also when nobody can read the rest of the record any more', async () => {
    const { stage } = await drained();
    await stage.aws.world.asRoot('iam', 'UntagRole', { RoleName: TEMP, TagKeys: ['stepup:original'] });
    await grantAgain(stage);
    await stage.pass(SETTLED);
    expect(await sweepNow(stage)).toMatchObject({ stripped: [TEMP], unexplained: [{ name: TEMP }], recovering: [] });
  });
});

/** A stage whose role is due, and what happens to sweep's calls from now on. */
async function due(hear: Intercept, profile = false) {
  let listening = false;
  const { stage, deleteAfter } = await drained({
    intercept: ofSweep((call, proceed) => (listening ? hear(call, proceed) : proceed())),
  });
  await passUntil(stage, deleteAfter - 10_000);
  if (profile) await somebodyMakesProfile(stage);
  await passUntil(stage, deleteAfter);
  listening = true;
  return { stage, listen: (on: boolean) => (listening = on) };
}

const DELETES = ['RemoveRoleFromInstanceProfile', 'DeleteInstanceProfile', 'DeleteRole'];

describe('right before each delete', () => {
  test('attachment and execution are read again: profile first, then policies, the role last', async () => {
    const calls: string[] = [];
    const { stage } = await due(async ({ operation }, proceed) => {
      calls.push(operation);
      return proceed();
    }, true);
    expect(await sweepNow(stage)).toMatchObject({ orphans: [TEMP], deleted: [TEMP] });
    const looks = ['DescribeExecution', 'DescribeIamInstanceProfileAssociations'];
    // Ceilings have their turn afterwards.
    expect(calls.slice(calls.indexOf('DescribeExecution'), calls.indexOf('ListPolicies'))).toEqual([
      ...looks,
      'RemoveRoleFromInstanceProfile',
      'DeleteInstanceProfile',
      ...looks,
      'GetRole',
      'ListAttachedRolePolicies',
      'DetachRolePolicy',
      'ListRolePolicies',
      ...looks,
      'GetRole',
      'DeleteRole',
    ]);
  });

  test.each([
    ['RUNNING', 1, []],
    ['PENDING_REDRIVE', 1, []],
    ['RUNNING', 2, ['RemoveRoleFromInstanceProfile', 'DeleteInstanceProfile']],
    ['PENDING_REDRIVE', 3, ['RemoveRoleFromInstanceProfile', 'DeleteInstanceProfile']],
  ])('a run that is %s at look %i keeps what is left', async (status, from, deleted) => {
    const made: string[] = [];
    let looks = 0;
    const { stage, listen } = await due(async ({ operation }, proceed) => {
      if (DELETES.includes(operation)) made.push(operation);
      const answer = await proceed();
      if (operation !== 'DescribeExecution') return answer;
      looks += 1;
      return looks >= from ? { ...(answer as object), status } : answer;
    }, true);
    expect((await sweepNow(stage)).deleted).toEqual([]);
    expect(made).toEqual(deleted);
    expect(looks).toBeGreaterThanOrEqual(from);
    listen(false);
    await stage.pass(HOUR);
    expect(await rolesOf(stage)).not.toContain(TEMP);
  });

  test.each([
    ['the profile', 1],
    ['the role', 2],
    ['the role, its policies gone', 3],
  ])('an instance that was given the profile since the survey keeps %s', async (_, from) => {
    const made: string[] = [];
    let looks = 0;
    const other = {
      AssociationId: 'iip-assoc-0aaaaaaaaaaaaaaaa',
      InstanceId: 'i-0bbbbbbbbbbbbbbbb',
      State: 'associated',
    };
    const Arn = `arn:aws:iam::123456789012:instance-profile/stepup/elevations/${INSTANCE}/${DEPLOYMENT}/${TEMP}`;
    const { stage } = await due(async ({ operation }, proceed) => {
      if (DELETES.includes(operation)) made.push(operation);
      if (operation !== 'DescribeIamInstanceProfileAssociations') return proceed();
      // The first one is the survey's.
      looks += 1;
      if (looks <= from) return proceed();
      return { IamInstanceProfileAssociations: [{ ...other, IamInstanceProfile: { Arn, Id: 'AIPAX' } }] };
    }, true);
    expect((await sweepNow(stage)).deleted).toEqual([]);
    expect(made).toEqual(from === 1 ? [] : DELETES.slice(0, 2));
    expect(await rolesOf(stage)).toContain(TEMP);
  });

  test('the record is read again, too: a role that is not draining any more stays', async () => {
    let reads = 0;
    const { stage } = await due(async ({ operation }, proceed) => {
      const answer = (await proceed()) as { Role: { Tags: { Key: string }[] } };
      if (operation !== 'GetRole' || ++reads === 1) return answer;
      const Tags = answer.Role.Tags.filter(({ Key }) => Key !== 'stepup:draining-since');
      return { ...answer, Role: { ...answer.Role, Tags } };
    });
    expect((await sweepNow(stage)).deleted).toEqual([]);
    expect(await rolesOf(stage)).toContain(TEMP);
  });
});

test('a role that drains and does not say until when is reported, and stays', async () => {
  const { stage } = await drained();
  const Tags = [{ Key: 'stepup:delete-after', Value: 'soon' }];
  await stage.aws.world.asRoot('iam', 'TagRole', { RoleName: TEMP, Tags });
  await stage.pass(9 * HOUR);
  expect((await sweepNow(stage)).unexplained).toEqual([{ name: TEMP, why: expect.stringContaining('until when') }]);
  expect(await rolesOf(stage)).toContain(TEMP);
});
