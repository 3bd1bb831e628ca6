import { describe, expect, test } from '@jest/globals';
import type { IamPort } from '../../../local/world';
import { ACCOUNT, allow, EC2_TRUST, iamWorld, policy } from './support';

const trust = (principal: object | string) =>
  policy({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' });

async function worldWithRole(statements: object[] = [], more: object = {}) {
  const world = iamWorld();
  await world.root('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: EC2_TRUST, ...more });
  if (statements.length > 0) {
    await world.root('PutRolePolicy', { RoleName: 'r', PolicyName: 'p', PolicyDocument: policy(...statements) });
  }
  await world.propagate();
  return world;
}

describe('what others see, iamPropagation later', () => {
  test('permissions come and go for a live session', async () => {
    const { iam, root, session, propagate } = await worldWithRole();
    const { principal } = session('r');
    const may = () => iam.evaluate(principal, 's3:GetObject', 'arn:aws:s3:::b/k').allowed;
    await root('PutRolePolicy', { RoleName: 'r', PolicyName: 'p', PolicyDocument: policy(allow('s3:*')) });
    expect(may()).toBe(false);
    await propagate();
    expect(may()).toBe(true);
    await root('DeleteRolePolicy', { RoleName: 'r', PolicyName: 'p' });
    expect(may()).toBe(true);
    await propagate();
    expect(may()).toBe(false);
  });

  test('a deleted role takes its sessions with it, and a namesake does not bring them back', async () => {
    const { iam, root, session, propagate } = await worldWithRole([allow('*')]);
    const { accessKeyId, principal } = session('r');
    await root('DeleteRolePolicy', { RoleName: 'r', PolicyName: 'p' });
    await root('DeleteRole', { RoleName: 'r' });
    expect(iam.accessKey(accessKeyId)).toBeDefined();
    await propagate();
    expect(iam.accessKey(accessKeyId)).toBeUndefined();
    expect(iam.trusts('r', { service: 'ec2.amazonaws.com' })).toBe(false);
    await root('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: EC2_TRUST });
    await root('PutRolePolicy', { RoleName: 'r', PolicyName: 'p', PolicyDocument: policy(allow('*')) });
    await propagate();
    expect(iam.accessKey(accessKeyId)).toBeUndefined();
    expect(iam.evaluate(principal, 's3:ListBucket', 'arn:aws:s3:::b').allowed).toBe(false);
    expect(iam.trusts('r', { service: 'ec2.amazonaws.com' })).toBe('named');
    expect(iam.trusts('r', { service: 'ssm.amazonaws.com' })).toBe(false);
  });

  test("EC2's view of an instance profile", async () => {
    const { iam, root, propagate } = await worldWithRole();
    const { InstanceProfile: made } = await root('CreateInstanceProfile', { InstanceProfileName: 'P', Path: '/x/' });
    expect(iam.profileSeenByEc2('P')).toBeUndefined();
    await propagate();
    const view = { name: 'P', arn: made.Arn, id: made.InstanceProfileId };
    expect(iam.profileSeenByEc2('p')).toEqual(view);
    await root('AddRoleToInstanceProfile', { InstanceProfileName: 'P', RoleName: 'r' });
    expect(iam.profileSeenByEc2(made.Arn)).toEqual(view);
    await propagate();
    expect(iam.profileSeenByEc2(made.Arn)?.role).toMatchObject({ name: 'r', arn: `arn:aws:iam::${ACCOUNT}:role/r` });
  });

  test('a role that nobody sees yet issues no session', async () => {
    const { iam, root } = await worldWithRole();
    await root('CreateRole', { RoleName: 'fresh', AssumeRolePolicyDocument: EC2_TRUST });
    expect(() => iam.issueSession({ roleName: 'fresh', sessionName: 's', lifetime: 1 })).toThrow(/cannot be found/);
  });
});

describe('conditions of a session', () => {
  const arn = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-1';
  test.each<[string, object, boolean]>([
    ['its instance', { ArnEquals: { 'ec2:SourceInstanceARN': '${aws:PrincipalTag/stepup:instance-arn}' } }, true],
    ['the role with its path', { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/t/r` } }, true],
    ['the role id', { StringLike: { 'aws:userid': 'AROA*:s' } }, true],
    ['when it was issued', { DateLessThan: { 'aws:TokenIssueTime': '2026-01-05T09:00:06.001Z' } }, true],
    ['too late', { DateLessThan: { 'aws:CurrentTime': '2026-01-05T09:00:06Z' } }, false],
    ['in time', { DateLessThan: { 'aws:CurrentTime': '2026-01-05T09:00:06.001Z' } }, true],
    ['no user name', { Null: { 'aws:username': 'true' } }, true],
    ['keys of the call', { StringEquals: { 'S3:Prefix': 'in/' } }, true],
  ])('%s', async (_, condition, expected) => {
    const Tags = [{ Key: 'stepup:instance-arn', Value: arn }];
    const { iam, session } = await worldWithRole([allow('s3:*', '*', condition)], { Path: '/t/', Tags });
    const { principal } = session('r', { sourceInstanceArn: arn });
    const decision = iam.evaluate(principal, 's3:ListBucket', 'arn:aws:s3:::b', { 's3:prefix': 'in/' });
    expect(decision.allowed).toBe(expected);
  });

  test('a boundary limits, and says so', async () => {
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
    const { iam, session } = await worldWithRole([allow('*')], { PermissionsBoundary });
    const { principal } = session('r');
    expect(iam.evaluate(principal, 's3:GetObject', 'arn:aws:s3:::b/k')).toEqual({ allowed: true });
    expect(iam.evaluate(principal, 's3:PutObject', 'arn:aws:s3:::b/k')).toEqual({
      allowed: false,
      because: 'because no permissions boundary allows the s3:PutObject action',
    });
  });
});

describe('users', () => {
  test('a key works once it has propagated, with inline and attached policies', async () => {
    const { iam, root, propagate } = iamWorld();
    await root('CreateUser', { UserName: 'ada', Path: '/dev/' });
    await root('PutUserPolicy', { UserName: 'ada', PolicyName: 'p', PolicyDocument: policy(allow('sts:AssumeRole')) });
    await root('AttachUserPolicy', { UserName: 'ADA', PolicyArn: 'arn:aws:iam::aws:policy/AmazonEC2FullAccess' });
    const { AccessKey } = await root('CreateAccessKey', { UserName: 'ada' });
    expect(iam.accessKey(AccessKey.AccessKeyId)).toBeUndefined();
    await propagate();
    const { principal, secretAccessKey } = iam.accessKey(AccessKey.AccessKeyId)!;
    expect(secretAccessKey).toBe(AccessKey.SecretAccessKey);
    expect(principal).toMatchObject({ kind: 'user', arn: `arn:aws:iam::${ACCOUNT}:user/dev/ada` });
    expect(iam.evaluate(principal, 'ec2:DescribeInstances', '*').allowed).toBe(true);
    expect(iam.evaluate(principal, 'sts:AssumeRole', '*').allowed).toBe(true);
    expect(iam.evaluate(principal, 's3:GetObject', '*').allowed).toBe(false);
    expect((await root('ListUsers')).Users).toMatchObject([{ UserName: 'ada' }]);
  });
});

describe('trust', () => {
  test.each<[string, object | string, ReturnType<IamPort['trusts']>]>([
    ['the account by number', { AWS: ACCOUNT }, 'account'],
    ['the account by ARN', { AWS: `arn:aws:iam::${ACCOUNT}:root` }, 'account'],
    ['the role', { AWS: `arn:aws:iam::${ACCOUNT}:role/r` }, 'named'],
    ['both', { AWS: [ACCOUNT, `arn:aws:iam::${ACCOUNT}:role/r`] }, 'named'],
    ['the session', { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/r/s` }, 'named'],
    ['another session', { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/r/t` }, false],
    ['anybody', '*', 'account'],
    ['a service', { Service: ['ec2.amazonaws.com'] }, false],
  ])('of %s', async (_, principal, expected) => {
    const { iam, root, session, propagate } = await worldWithRole();
    await root('CreateRole', { RoleName: 'target', AssumeRolePolicyDocument: trust(principal) });
    await propagate();
    expect(iam.trusts('target', session('r').principal)).toBe(expected);
  });

  test('a principal that was re-created is not the one that was trusted', async () => {
    const { iam, root, session, propagate } = await worldWithRole();
    const { Role } = await root('GetRole', { RoleName: 'r' });
    await root('CreateRole', { RoleName: 'target', AssumeRolePolicyDocument: trust({ AWS: Role.Arn }) });
    await root('DeleteRole', { RoleName: 'r' });
    await root('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: EC2_TRUST });
    await propagate();
    expect(iam.trusts('target', session('r').principal)).toBe(false);
    const shown = (await root('GetRole', { RoleName: 'target' })).Role.AssumeRolePolicyDocument;
    expect(decodeURIComponent(shown)).toContain(`"AWS":"${Role.RoleId}"`);
    await root('UpdateAssumeRolePolicy', { RoleName: 'target', PolicyDocument: trust({ AWS: Role.Arn }) });
    await propagate();
    expect(iam.trusts('target', session('r').principal)).toBe('named');
  });

  test('the account is not named because a condition speaks of one of its roles', async () => {
    const { iam, root, session, propagate } = await worldWithRole();
    const Condition = { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/r` } };
    const statement = { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole', Condition };
    await root('CreateRole', { RoleName: 'target', AssumeRolePolicyDocument: policy(statement) });
    await propagate();
    expect(iam.trusts('target', session('r').principal)).toBe('account');
  });

  test('an account is shown as its ARN, but in a condition as it was written', async () => {
    const { root } = await worldWithRole();
    const Condition = { StringEquals: { 'aws:PrincipalAccount': ACCOUNT } };
    const statement = { Effect: 'Allow', Principal: { AWS: [ACCOUNT] }, Action: 'sts:AssumeRole', Condition };
    const AssumeRolePolicyDocument = policy(statement);
    await root('CreateRole', { RoleName: 'target', AssumeRolePolicyDocument });
    const { Role } = await root('GetRole', { RoleName: 'target' });
    const Principal = { AWS: [`arn:aws:iam::${ACCOUNT}:root`] };
    expect(JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument)).Statement).toEqual([
      { ...statement, Principal },
    ]);
  });

  test.each<[object | string, RegExp]>([
    [{ Service: 'nope.amazonaws.com' }, /^Invalid principal in policy: "SERVICE":"nope.amazonaws.com"/],
    [{ Service: 'ec2.amazonaws.com.cn' }, /^Invalid principal in policy: "SERVICE"/],
    [{}, /^Missing required field Principal cannot be empty!$/],
    [{ AWS: [] }, /^Missing required field Principal cannot be empty!$/],
    [{ AWS: '999999999999' }, /^Invalid principal in policy: "AWS":"999999999999"/],
  ])('of %j is refused', async (principal, message) => {
    const { root } = iamWorld();
    const refused = root('CreateRole', { RoleName: 'target', AssumeRolePolicyDocument: trust(principal) });
    await expect(refused).rejects.toMatchObject({ code: 'MalformedPolicyDocument', message });
  });

  test.each<[string, RegExp]>([
    [EC2_TRUST.replace('sts:AssumeRole', '*'), /may only specify STS AssumeRole actions/],
    [EC2_TRUST.replace('2012-10-17', '2020-01-01'), /^The policy must contain a valid version string$/],
    [`\n${EC2_TRUST}`, /^JSON strings must not have leading spaces$/],
    [EC2_TRUST.replace('"Effect"', '"Effect":"Deny","Effect"'), /Syntax errors/],
  ])('%j is refused', async (AssumeRolePolicyDocument, message) => {
    const { root } = iamWorld();
    const refused = root('CreateRole', { RoleName: 'target', AssumeRolePolicyDocument });
    await expect(refused).rejects.toMatchObject({ code: 'MalformedPolicyDocument', message });
  });

  test('conditions and denials count', async () => {
    const { iam, root, session, propagate } = await worldWithRole();
    const statements = [
      { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:*' },
      { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole', Condition: { StringLike: { 'aws:userid': '*:s' } } },
    ];
    await root('CreateRole', { RoleName: 'target', AssumeRolePolicyDocument: policy(...statements) });
    await propagate();
    expect(iam.trusts('target', session('r').principal)).toBe(false);
  });
});

describe('authorization of IAM itself', () => {
  const boundary = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
  const own = `arn:aws:iam::${ACCOUNT}:role/stepup/*`;
  const make = [
    allow('iam:CreateRole', own, {
      StringEquals: { 'iam:PermissionsBoundary': boundary, 'aws:RequestTag/run': '1' },
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['run'] },
    }),
    allow('iam:TagRole', own),
  ];
  const wanted = { RoleName: 'x', Path: '/stepup/', AssumeRolePolicyDocument: EC2_TRUST };
  const full = { ...wanted, PermissionsBoundary: boundary, Tags: [{ Key: 'run', Value: '1' }] };

  test.each<[string, object[], object, boolean]>([
    ['as allowed', make, full, true],
    ['without its boundary', make, { ...full, PermissionsBoundary: undefined }, false],
    ['with another tag', make, { ...full, Tags: [...full.Tags, { Key: 'more', Value: '' }] }, false],
    ['under another path', make, { ...full, Path: '/' }, false],
    ['without iam:TagRole', make.slice(0, 1), full, false],
  ])('CreateRole %s', async (_, statements, input, allowed) => {
    const { callAs, session } = await worldWithRole(statements);
    const made = callAs(session('r').principal, 'CreateRole', input);
    if (allowed) expect((await made).Role.RoleName).toBe('x');
    else await expect(made).rejects.toMatchObject({ code: 'AccessDenied', status: 403 });
  });

  test.each<[string, object, object]>([
    [
      'PutRolePolicy',
      { StringEquals: { 'iam:PermissionsBoundary': boundary } },
      { PolicyName: 'p', PolicyDocument: policy(allow('*')) },
    ],
    ['AttachRolePolicy', { ArnEquals: { 'iam:PolicyARN': boundary } }, { PolicyArn: boundary }],
    ['TagRole', { StringEquals: { 'aws:RequestTag/state': 'open' } }, { Tags: [{ Key: 'state', Value: 'open' }] }],
    ['GetRole', { StringEquals: { 'iam:ResourceTag/run': '1', 'aws:ResourceTag/run': '1' } }, {}],
  ])('%s on a role with its keys, not on one without', async (name, condition, input) => {
    const { root, callAs, session } = await worldWithRole([allow(`iam:${name}`, own, condition)]);
    await root('CreateRole', full);
    await root('CreateRole', { ...wanted, Path: '/other/', RoleName: 'y' });
    const { principal } = session('r');
    await expect(callAs(principal, name, { RoleName: 'x', ...input })).resolves.toBeDefined();
    await expect(callAs(principal, name, { RoleName: 'y', ...input })).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  test('a missing role is refused by its bare name before it is said to be missing', async () => {
    const { callAs, session } = await worldWithRole([allow('iam:GetRole', `arn:aws:iam::${ACCOUNT}:role/no`)]);
    const { principal } = session('r');
    await expect(callAs(principal, 'GetRole', { RoleName: 'no' })).rejects.toMatchObject({ code: 'NoSuchEntity' });
    await expect(callAs(principal, 'GetRole', { RoleName: 'nor' })).rejects.toMatchObject({ code: 'AccessDenied' });
    await expect(callAs(principal, 'GetRole', { RoleName: 'n r' })).rejects.toMatchObject({ code: 'ValidationError' });
  });

  test('the tags of the role that is passed count', async () => {
    const deny = { ...allow('iam:PassRole', '*', { StringEquals: { 'iam:ResourceTag/no': 'pass' } }), Effect: 'Deny' };
    const { iam, root, session, propagate } = await worldWithRole([allow('iam:PassRole'), deny]);
    await root('CreateRole', { ...wanted, Tags: [{ Key: 'no', Value: 'pass' }] });
    await propagate();
    const pass = (name: string) =>
      iam.evaluate(session('r').principal, 'iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/${name}`).allowed;
    expect([pass('r'), pass('stepup/x')]).toEqual([true, false]);
  });

  test('TagRole does not see the boundary', async () => {
    const bounded = allow('iam:TagRole', own, { Null: { 'iam:PermissionsBoundary': 'false' } });
    const { root, callAs, session } = await worldWithRole([bounded]);
    await root('CreateRole', full);
    const tagging = callAs(session('r').principal, 'TagRole', { RoleName: 'x', Tags: full.Tags });
    await expect(tagging).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  test('an explicit deny in a managed policy is named', async () => {
    const { iam, root, session, propagate } = await worldWithRole();
    const PolicyDocument = policy({ ...allow('s3:*'), Effect: 'Deny' });
    const { Policy } = await root('CreatePolicy', { PolicyName: 'no', PolicyDocument });
    await root('AttachRolePolicy', { RoleName: 'r', PolicyArn: Policy.Arn });
    await propagate();
    expect(iam.evaluate(session('r').principal, 's3:GetObject', '*')).toEqual({
      allowed: false,
      because: `with an explicit deny in an identity-based policy: ${Policy.Arn}`,
    });
  });

  test('AddRoleToInstanceProfile needs iam:PassRole on the role', async () => {
    const add = allow('iam:AddRoleToInstanceProfile');
    const { root, callAs, session, propagate } = await worldWithRole([add]);
    await root('CreateInstanceProfile', { InstanceProfileName: 'p' });
    const { principal } = session('r');
    const input = { InstanceProfileName: 'p', RoleName: 'r' };
    const refused = callAs(principal, 'AddRoleToInstanceProfile', input);
    await expect(refused).rejects.toThrow(
      /not authorized to perform: iam:PassRole on resource: arn:aws:iam::\d+:role\/r/,
    );
    const passing = policy(add, allow('iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/r`));
    await root('PutRolePolicy', { RoleName: 'r', PolicyName: 'p', PolicyDocument: passing });
    await propagate();
    await expect(callAs(principal, 'AddRoleToInstanceProfile', input)).resolves.toEqual({});
  });
});
