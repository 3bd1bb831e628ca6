import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { api } from '../../support/api';
import { scratchFolder } from '../../support/scratch';
import { createStage, DEPLOYMENT, INSTANCE, type Stage, type StageOptions } from '../../support/stage';
import { putPolicy, SETTLED, somebodyMakesBounded, somebodyReplaces } from '../worlds';
import { diagnosisOf, findingOf, toTheDoctor } from './asking';
import { ADMINISTRATOR, changeTrust, elevate } from './cases';
import { compare } from './elevations';

const DOCTOR = `${DEPLOYMENT}-requestElevation`;

const DENIED: [operation: string, unknown: string[]][] = [
  ['DescribeInstances', ['instance', 'enrolled', 'running']],
  [
    'DescribeIamInstanceProfileAssociations',
    ['busy', 'profile', 'one-role', 'trust', 'ssm-core', 'restorable', 'ceiling'],
  ],
  ['ListInstanceProfiles', ['busy', 'account-quota']],
  ['DescribeInstanceInformation', ['managed']],
  ['GetConnectionStatus', ['agent-connected']],
  ['GetServiceSetting', ['host-management', 'profile-first', 'registration']],
  ['GetInstanceProfile', ['profile', 'one-role', 'trust']],
  ['GetRole', ['one-role', 'trust', 'restorable', 'boundary']],
  ['ListAttachedRolePolicies', ['ssm-core', 'inheritable', 'ceiling', 'room']],
  ['GetPolicyVersion', ['ssm-core', 'ceiling', 'room']],
  ['ListRolePolicies', ['ssm-core', 'ceiling', 'room']],
  ['ListRoles', ['account-quota']],
  ['GetAccountSummary', ['room', 'account-quota']],
  ['ListAssociations', ['other-tools']],
];

describe('what AWS does not tell is unknown, and the rest is said', () => {
  test('denied, one question after the other', async () => {
    let denied = '';
    // It is looked at only: one world is enough.
    const stage = await createStage({
      intercept: (call, proceed) => toTheDoctor(denied, 'AccessDenied')(call, proceed),
    });
    for (const [operation, ids] of DENIED) {
      denied = operation;
      const said = await diagnosisOf(stage);
      const unknown = said.findings.filter(({ status }) => status === 'unknown');
      expect([operation, unknown.map(({ id }) => id)]).toEqual([operation, expect.arrayContaining(ids)]);
      for (const { finding } of unknown) expect(finding).toContain('AwsAccessDenied');
      expect([operation, said.findings.filter(({ status }) => status === 'failed')]).toEqual([operation, []]);
      expect(said.elevatable).toBe(true);
      expect(said.findings.filter(({ status }) => status === 'ok').length).toBeGreaterThan(4);
    }
  });

  test('a throttled question is unknown, too', async () => {
    const stage = await createStage({ intercept: toTheDoctor('ListAssociations', 'ThrottlingException') });
    expect(findingOf(await diagnosisOf(stage), 'other-tools')).toMatchObject({
      status: 'unknown',
      finding: expect.stringContaining('AwsUnavailable'),
    });
  });
});

/** A release without baseline inherit. */
const withoutInherit: StageOptions['wrapLauncher'] = (launcher) => ({
  launch: (fn, ...rest) => {
    const catalogue = JSON.parse(readFileSync(join(fn.code, 'catalogue.json'), 'utf8'));
    const code = scratchFolder('doctor');
    writeFileSync(join(code, 'catalogue.json'), JSON.stringify({ ...catalogue, inherit: null }));
    return launcher.launch({ ...fn, code }, ...rest);
  },
});

test.each([
  ['ListAssociations', ['other-tools']],
  ['DescribeInstances', ['instance', 'enrolled', 'running']],
])('%s that takes too long is unknown: the answer comes within 15 s', async (operation, ids) => {
  const stage: Stage = await createStage({
    // AWS takes two minutes over this.
    intercept: async (call, proceed) => {
      if (call.operation === operation && call.principal.name === DOCTOR) await stage.clock.sleep(120_000);
      return proceed();
    },
  });
  const client = api(stage);
  await client.request('GET', '/grants');
  const began = stage.clock.now();
  const { status, body } = await client.request('GET', `/instances/${INSTANCE}`);
  expect(stage.clock.now() - began).toBeLessThan(15_000);
  expect(status).toBe(200);
  for (const id of ids) {
    expect(findingOf(body, id)).toMatchObject({ status: 'unknown', finding: expect.stringContaining('within 14 s') });
  }
  expect(findingOf(body, 'managed').status).toBe('ok');
});

test('an instance that is not there is an answer of its own', async () => {
  const { status, body } = await api(await createStage()).request('GET', '/instances/i-0ffffffffffffffff');
  expect([status, body.title]).toEqual([404, 'InstanceNotFound']);
});

describe('while an elevation has the instance', () => {
  test('the original is the recorded one, and only busy has failed', async () => {
    const stage = await createStage();
    await elevate(stage);
    const said = await diagnosisOf(stage);
    expect(said.findings.filter(({ status }) => status === 'failed').map(({ id }) => id)).toEqual(['busy']);
    expect(findingOf(said, 'one-role').finding).toContain('app holds one role, arn:aws:iam::123456789012:role/app');
    expect(findingOf(said, 'account-quota').finding).toContain('temp roles 0 drain');
  });

  test('a record that cannot be read leaves the original unknown', async () => {
    const stage = await createStage();
    await elevate(stage);
    const { Roles } = await stage.aws.world.asRoot('iam', 'ListRoles', { PathPrefix: '/stepup/elevations/' });
    const [{ RoleName }] = Roles;
    await stage.aws.world.asRoot('iam', 'UntagRole', { RoleName, TagKeys: ['stepup:original'] });
    const said = await diagnosisOf(stage);
    expect(findingOf(said, 'busy')).toMatchObject({ status: 'failed', error: 'InstanceBusy' });
    for (const id of ['profile', 'one-role', 'trust', 'restorable', 'ceiling']) {
      expect(findingOf(said, id).finding).toContain('its record, which names the original, cannot be read');
    }
  });
});

describe('more that may be', () => {
  test('a role that trusts everybody: whether a service is meant nobody has confirmed', async () => {
    const stage = await createStage();
    await changeTrust(stage, 'app', { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' });
    expect(findingOf(await diagnosisOf(stage), 'trust')).toMatchObject({
      status: 'unknown',
      finding: expect.stringContaining('or on whom it means'),
    });
  });

  test('a boundary that leaves the agent nothing', async () => {
    const stage = await createStage();
    await somebodyMakesBounded(stage);
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
    await stage.aws.world.asRoot('iam', 'PutRolePermissionsBoundary', { RoleName: 'bounded', PermissionsBoundary });
    await stage.pass(SETTLED);
    await somebodyReplaces(stage, 'bounded');
    await stage.pass(SETTLED);
    expect(findingOf(await diagnosisOf(stage), 'ssm-core')).toMatchObject({
      status: 'warning',
      finding: expect.stringContaining(
        'not left by the permissions boundary arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess: ssm:',
      ),
      remedy: expect.arrayContaining([expect.stringMatching(/^aws iam get-policy-version --policy-arn .*ReadOnly/)]),
    });
  });

  test('room with one grant and not with the other', async () => {
    const stage = await createStage();
    const Resource = Array.from(
      { length: 90 },
      (_, i) => `arn:aws:s3:::${String(i).padStart(2, '0')}${'x'.repeat(86)}`,
    );
    for (let count = 80; count <= 90; count += 1) {
      await putPolicy(stage, 'app', 'large', {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: Resource.slice(0, count),
      });
      const { status, finding } = findingOf(await diagnosisOf(stage), 'room');
      const refused = ['run-remote-script', 'read-bucket-prefix'].filter((grant) =>
        finding.includes(`${grant}: The temp`),
      );
      expect([status, refused.length > 0]).toEqual([refused.length > 0 ? 'warning' : 'ok', refused.length > 0]);
      if (refused.length === 1) return;
    }
    throw new Error('No size has room for one of them only');
  });

  test('with baseline inherit switched off nothing of it is asked', async () => {
    const stage = await createStage({ wrapLauncher: withoutInherit });
    await stage.aws.world.asRoot('iam', 'AttachRolePolicy', { RoleName: 'app', PolicyArn: ADMINISTRATOR });
    const said = await diagnosisOf(stage);
    const finding = expect.stringContaining('switched off');
    expect(findingOf(said, 'ceiling')).toMatchObject({ status: 'warning', error: 'RequestInvalid', finding });
    for (const id of ['inheritable', 'boundary']) expect(findingOf(said, id)).toMatchObject({ status: 'ok', finding });
    expect(await compare(stage, said)).toBe('RequestInvalid');
  });
});
