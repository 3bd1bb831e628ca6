import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, allow, EC2_TRUST, iamWorld, policy } from './support';

const CORE = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
const refusal = (code: string, message: RegExp, status = 400) => ({
  code,
  status,
  message: expect.stringMatching(message),
});
const role = (RoleName: string, more = {}) => ({ RoleName, AssumeRolePolicyDocument: EC2_TRUST, ...more });

describe('roles', () => {
  test('CreateRole and GetRole answer as AWS does; names are found in any case', async () => {
    const { root, clock } = iamWorld();
    const tags = [
      { Key: 'b', Value: '2' },
      { Key: 'a', Value: '1' },
    ];
    const boundary = { Description: 'd', PermissionsBoundary: CORE, Tags: tags };
    const { Role } = await root('CreateRole', role('Job', { Path: '/a//b/', ...boundary }));
    expect(Role).toEqual({
      Path: '/a//b/',
      RoleName: 'Job',
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${ACCOUNT}:role/a//b/Job`,
      CreateDate: new Date(clock.now()),
      AssumeRolePolicyDocument: encodeURIComponent(EC2_TRUST),
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    expect((await root('GetRole', { RoleName: 'JOB' })).Role).toEqual({
      ...Role,
      Description: 'd',
      MaxSessionDuration: 3600,
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: CORE },
      RoleLastUsed: {},
    });
    const [listed] = (await root('ListRoles', { PathPrefix: '/a/' })).Roles;
    expect(listed).toMatchObject({ RoleName: 'Job', MaxSessionDuration: 3600 });
    expect(Object.keys(listed)).not.toEqual(expect.arrayContaining(['Tags']));
    expect(listed.PermissionsBoundary).toBeUndefined();
  });

  test.each<[string, object, ReturnType<typeof refusal>]>([
    ['a bad name', role('a b'), refusal('ValidationError', /^1 validation error detected: Value 'a b' at 'roleName'/)],
    ['no trust', { RoleName: 'a' }, refusal('ValidationError', /Value null at 'assumeRolePolicyDocument'/)],
    ['two errors', role('a b', { Path: '//' }), refusal('ValidationError', /^2 validation errors detected/)],
    ['a bad tag', role('a', { Tags: [{ Key: 'a#', Value: '' }] }), refusal('ValidationError', /tags\.1\.member\.key/)],
    [
      'a tag without a value',
      role('a', { Tags: [{ Key: 'a' }] }),
      refusal('ValidationError', /^1 validation error detected: Value null at 'tags\.1\.member\.value'/),
    ],
    ['the name in another case', role('TAKEN'), refusal('EntityAlreadyExists', /^Role with name TAKEN already/, 409)],
    [
      'tags that differ in case',
      role('a', { Tags: ['x', 'X'].map((Key) => ({ Key, Value: '' })) }),
      refusal('InvalidInput', /^Duplicate tag keys/),
    ],
    ['a reserved tag', role('a', { Tags: [{ Key: 'aws:x', Value: '' }] }), refusal('InvalidInput', /aws:/)],
    [
      'an unknown boundary',
      role('a', { PermissionsBoundary: `arn:aws:iam::${ACCOUNT}:policy/no` }),
      refusal('NoSuchEntity', /^Scope ARN: .* does not exist/, 404),
    ],
    [
      'an unknown principal',
      role('a', {
        AssumeRolePolicyDocument: EC2_TRUST.replace(
          '"Service":"ec2.amazonaws.com"',
          `"AWS":"arn:aws:iam::${ACCOUNT}:role/no"`,
        ),
      }),
      refusal('MalformedPolicyDocument', /^Invalid principal in policy: "AWS":/),
    ],
    [
      'trust that is no JSON',
      role('a', { AssumeRolePolicyDocument: 'x' }),
      refusal('MalformedPolicyDocument', /invalid Json/),
    ],
    [
      'a long trust',
      role('a', {
        AssumeRolePolicyDocument: EC2_TRUST.replace('"2012-10-17"', `"2012-10-17","Id":"${'x'.repeat(2048)}"`),
      }),
      refusal('LimitExceeded', /ACLSizePerRole: 2048/, 409),
    ],
  ])('CreateRole refuses %s, and leaves nothing', async (_, input, error) => {
    const { root } = iamWorld();
    await root('CreateRole', role('taken'));
    await expect(root('CreateRole', input)).rejects.toMatchObject(error);
    expect((await root('ListRoles')).Roles).toHaveLength(1);
  });

  test('listings come in pages; deleting between two pages skips nothing', async () => {
    const { root } = iamWorld();
    for (const name of ['c', 'a', 'd', 'b']) await root('CreateRole', role(name));
    const first = await root('ListRoles', { MaxItems: 2 });
    expect(first).toMatchObject({ IsTruncated: true, Roles: [{ RoleName: 'a' }, { RoleName: 'b' }] });
    await root('DeleteRole', { RoleName: 'a' });
    const second = await root('ListRoles', { MaxItems: 2, Marker: first.Marker });
    expect(second).toMatchObject({ IsTruncated: false, Roles: [{ RoleName: 'c' }, { RoleName: 'd' }] });
    await expect(root('ListRoles', { Marker: '?' })).rejects.toMatchObject({ code: 'ValidationError' });
  });

  test('DeleteRole wants it bare', async () => {
    const { root } = iamWorld();
    const named = { RoleName: 'r' };
    const profile = { InstanceProfileName: 'p' };
    const inline = { ...named, PolicyName: 'In' };
    await root('CreateRole', role('r'));
    await root('CreateInstanceProfile', profile);
    await root('AddRoleToInstanceProfile', { ...profile, ...named });
    await root('AttachRolePolicy', { ...named, PolicyArn: CORE });
    await root('PutRolePolicy', { ...inline, PolicyDocument: policy(allow('*')) });
    const conflict = (message: RegExp) => refusal('DeleteConflict', message, 409);
    await expect(root('DeleteInstanceProfile', profile)).rejects.toMatchObject(conflict(/remove roles/));
    await expect(root('DeleteRole', named)).rejects.toMatchObject(conflict(/remove roles from instance profile/));
    await root('RemoveRoleFromInstanceProfile', { ...profile, ...named });
    await expect(root('DeleteRole', named)).rejects.toMatchObject(conflict(/must detach all policies/));
    await root('DetachRolePolicy', { ...named, PolicyArn: CORE });
    await expect(root('DeleteRole', named)).rejects.toMatchObject(conflict(/must delete policies/));
    await root('DeleteRolePolicy', { ...named, PolicyName: 'in' });
    await root('DeleteRole', named);
    await root('DeleteInstanceProfile', profile);
    await expect(root('GetRole', named)).rejects.toMatchObject(
      refusal('NoSuchEntity', /^The role with name r cannot/, 404),
    );
    const gone = refusal('NoSuchEntity', /^Instance Profile p cannot be found/, 404);
    await expect(root('GetInstanceProfile', profile)).rejects.toMatchObject(gone);
  });

  test('tags: a new spelling replaces, lists are sorted, fifty at most', async () => {
    const { root } = iamWorld();
    await root('CreateRole', role('r', { Tags: [{ Key: 'Team', Value: '1' }] }));
    await root('TagRole', {
      RoleName: 'r',
      Tags: [
        { Key: 'team', Value: '2' },
        { Key: 'A', Value: '' },
      ],
    });
    expect((await root('GetRole', { RoleName: 'r' })).Role.Tags).toEqual([
      { Key: 'A', Value: '' },
      { Key: 'team', Value: '2' },
    ]);
    const many = Array.from({ length: 49 }, (_, i) => ({ Key: `k${i}`, Value: '' }));
    const tooMany = root('TagRole', { RoleName: 'r', Tags: many });
    await expect(tooMany).rejects.toMatchObject({ code: 'LimitExceeded', status: 409 });
  });
});

describe('policies', () => {
  test('inline policies: stored spelling, encoding, aggregate size without whitespace', async () => {
    const { root } = iamWorld();
    await root('CreateRole', role('r'));
    const text = policy(allow('s3:*', "arn:aws:s3:::it's(*)!"));
    await root('PutRolePolicy', { RoleName: 'r', PolicyName: 'Main', PolicyDocument: text });
    await root('PutRolePolicy', { RoleName: 'r', PolicyName: 'MAIN', PolicyDocument: text });
    expect(await root('ListRolePolicies', { RoleName: 'R' })).toMatchObject({ PolicyNames: ['Main'] });
    const { PolicyDocument, PolicyName } = await root('GetRolePolicy', { RoleName: 'r', PolicyName: 'main' });
    expect(PolicyName).toBe('Main');
    expect(PolicyDocument).not.toMatch(/[!'()*]/);
    expect(decodeURIComponent(PolicyDocument)).toBe(text);

    const padded = policy({ ...allow('*'), Sid: 'A' }).replace('"A"', `"${'A'.repeat(10_000)}"`) + ' '.repeat(9_000);
    await root('DeleteRolePolicy', { RoleName: 'r', PolicyName: 'main' });
    await root('PutRolePolicy', { RoleName: 'r', PolicyName: 'big', PolicyDocument: padded });
    await expect(
      root('PutRolePolicy', { RoleName: 'r', PolicyName: 'Main', PolicyDocument: padded }),
    ).rejects.toMatchObject(refusal('LimitExceeded', /^Maximum policy size of 10240 bytes exceeded for role r$/, 409));
    const unknown = root('GetRolePolicy', { RoleName: 'r', PolicyName: 'no' });
    await expect(unknown).rejects.toMatchObject(refusal('NoSuchEntity', /^The role policy with name no cannot/, 404));
  });

  test('managed policies: paths, ten at most, attaching twice is one', async () => {
    const { root } = iamWorld();
    await root('CreateRole', role('r'));
    const input = { PolicyName: 'own', Path: '/team/', PolicyDocument: policy(allow('s3:*')) };
    const { Policy } = await root('CreatePolicy', input);
    expect(Policy.Arn).toBe(`arn:aws:iam::${ACCOUNT}:policy/team/own`);
    const attach = (PolicyArn: string) => root('AttachRolePolicy', { RoleName: 'r', PolicyArn });
    await attach(CORE);
    await attach(Policy.Arn);
    await attach(Policy.Arn);
    const attached = await root('ListAttachedRolePolicies', { RoleName: 'r' });
    expect(attached.AttachedPolicies).toEqual([
      { PolicyName: 'AmazonSSMManagedInstanceCore', PolicyArn: CORE },
      { PolicyName: 'own', PolicyArn: Policy.Arn },
    ]);
    expect((await root('GetPolicy', { PolicyArn: Policy.Arn })).Policy.AttachmentCount).toBe(1);
    for (let i = 2; i < 10; i++)
      await attach((await root('CreatePolicy', { ...input, PolicyName: `p${i}` })).Policy.Arn);
    const { Policy: last } = await root('CreatePolicy', { ...input, PolicyName: 'p10' });
    await expect(attach(last.Arn)).rejects.toMatchObject(refusal('LimitExceeded', /PoliciesPerRole: 10$/, 409));
    await expect(attach(`${Policy.Arn}X`)).rejects.toMatchObject(refusal('NoSuchEntity', /not attachable/, 404));
    await expect(attach(`${CORE}X`)).rejects.toMatchObject(refusal('ValidationError', /embedded AWS does not have/));
    const version = await root('GetPolicyVersion', { PolicyArn: CORE, VersionId: 'v2' });
    expect(decodeURIComponent(version.PolicyVersion.Document)).toContain('ssm:GetParameters');
    const detach = root('DetachRolePolicy', { RoleName: 'r', PolicyArn: last.Arn });
    await expect(detach).rejects.toMatchObject(refusal('NoSuchEntity', /was not found/, 404));
    expect((await root('GetAccountSummary')).SummaryMap).toMatchObject({ Roles: 1, Policies: 10, RolesQuota: 1000 });
  });
});

test('an instance profile holds one role, and is not idempotent about it', async () => {
  const { root } = iamWorld();
  await root('CreateRole', role('r'));
  const { InstanceProfile } = await root('CreateInstanceProfile', { InstanceProfileName: 'p', Path: '/x/' });
  expect(InstanceProfile).toMatchObject({ Arn: `arn:aws:iam::${ACCOUNT}:instance-profile/x/p`, Roles: [] });
  await root('AddRoleToInstanceProfile', { InstanceProfileName: 'p', RoleName: 'r' });
  const again = root('AddRoleToInstanceProfile', { InstanceProfileName: 'p', RoleName: 'r' });
  const message = /^Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1$/;
  await expect(again).rejects.toMatchObject(refusal('LimitExceeded', message, 409));
  const { InstanceProfiles } = await root('ListInstanceProfiles', { PathPrefix: '/x/' });
  expect(InstanceProfiles).toMatchObject([{ InstanceProfileName: 'p', Roles: [{ RoleName: 'r' }] }]);
  expect((await root('ListInstanceProfiles', { PathPrefix: '/y/' })).InstanceProfiles).toEqual([]);
});
