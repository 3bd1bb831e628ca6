import { describe, expect, test } from '@jest/globals';
import { createStage, INSTANCE, request } from '../support/stage';
import { arnOf, SETTLED, somebodyMakes, somebodyMakesBounded, somebodyReplaces, somebodyTakesItOff } from './worlds';

describe('what may look like an obstacle and is none', () => {
  test('baseline core asks nothing of the original role: a boundary, an administrator', async () => {
    const stage = await createStage();
    await somebodyMakesBounded(stage);
    await stage.aws.world.asRoot('iam', 'AttachRolePolicy', {
      RoleName: 'bounded',
      PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    });
    await stage.pass(SETTLED);
    await somebodyReplaces(stage, 'bounded');
    await stage.pass(SETTLED);
    const { status } = await stage.ended(await stage.start(request(undefined, { baseline: 'core' })));
    expect(status).toBe('SUCCEEDED');
  });

  test('a profile that was attached a moment ago is waited for', async () => {
    const stage = await createStage();
    await somebodyMakes(stage, 'next');
    await stage.pass(SETTLED);
    await somebodyReplaces(stage, 'next');
    const run = await stage.start(request());
    expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await stage.states(run)).toContain('WaitForInstance');
  });

  test('a moment without a profile, between Disassociate and Associate, is not taken for none', async () => {
    const stage = await createStage();
    await somebodyTakesItOff(stage);
    await stage.pass(20);
    const run = await stage.start(request());
    await stage.pass(5);
    const IamInstanceProfile = { Name: 'app' };
    await stage.aws.world.asRoot('ec2', 'AssociateIamInstanceProfile', { InstanceId: INSTANCE, IamInstanceProfile });
    const { status, output } = await stage.ended(run);
    expect(status).toBe('SUCCEEDED');
    expect(JSON.parse(output ?? '{}').capture.original.profileArn).toBe(arnOf('app'));
  });

  test('patience that ends before the marker goes is InstanceBusy, not a wait for ever', async () => {
    const stage = await createStage();
    const InstanceProfileName = 'marker';
    const Path = `/stepup/elevations/${INSTANCE}/other/`;
    await stage.aws.world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName, Path });
    const began = stage.clock.now();
    const { error } = await stage.ended(await stage.start(request(undefined, { waitForInstanceMinutes: 10 })));
    expect(error).toBe('InstanceBusy');
    expect(stage.clock.now() - began).toBeGreaterThanOrEqual(10 * 60_000);
    expect(stage.clock.now() - began).toBeLessThan(13 * 60_000);
  });
});
