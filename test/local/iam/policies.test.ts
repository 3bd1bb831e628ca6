import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, allow, EC2_TRUST, iamWorld, policy } from './support';

const CORE = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
const SERVICE = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
const PolicyDocument = policy(allow('s3:*'));
const role = { RoleName: 'R+=,.@-_' };

async function withRole() {
  const iam = iamWorld();
  await iam.root('CreateRole', { ...role, Path: '/p/', AssumeRolePolicyDocument: EC2_TRUST });
  const { Policy } = await iam.root('CreatePolicy', { PolicyName: 'own', Path: '/team/', PolicyDocument });
  return { ...iam, own: Policy.Arn as string };
}
const names = ({ Policies }: { Policies: { PolicyName: string }[] }) => Policies.map(({ PolicyName }) => PolicyName);

describe('ListPolicies', () => {
  test('by scope, path and use', async () => {
    const { root, own } = await withRole();
    expect(names(await root('ListPolicies', { Scope: 'Local' }))).toEqual(['own']);
    expect(names(await root('ListPolicies', { PathPrefix: '/service-role/' }))).toEqual([
      'AWSLambdaBasicExecutionRole',
    ]);
    expect(names(await root('ListPolicies', { Scope: 'AWS' }))).not.toContain('own');
    expect(names(await root('ListPolicies', { OnlyAttached: true }))).toEqual([]);
    await root('AttachRolePolicy', { ...role, PolicyArn: CORE });
    await root('PutRolePermissionsBoundary', { ...role, PermissionsBoundary: own });
    expect(names(await root('ListPolicies', { OnlyAttached: true }))).toEqual(['AmazonSSMManagedInstanceCore']);
    expect(names(await root('ListPolicies', { PolicyUsageFilter: 'PermissionsBoundary' }))).toEqual(['own']);
    const { Policies } = await root('ListPolicies', { Scope: 'Local' });
    expect(Policies[0]).toMatchObject({ AttachmentCount: 0, PermissionsBoundaryUsageCount: 1, IsAttachable: true });
    const listed = (await root('ListPolicies', { Scope: 'AWS' })).Policies;
    expect(listed.filter((one: object) => 'Description' in one)).toEqual([]);
    await expect(root('ListPolicies', { Scope: 'Mine' })).rejects.toMatchObject({ code: 'ValidationError' });
  });

  test('in pages, though one of the account has the name of one of AWS', async () => {
    const { root } = await withRole();
    await root('CreatePolicy', { PolicyName: 'AdministratorAccess', PolicyDocument });
    const seen: string[] = [];
    let Marker: string | undefined;
    do {
      const page = await root('ListPolicies', { MaxItems: 1, Marker });
      seen.push(...names(page));
      Marker = page.Marker;
    } while (Marker);
    expect(seen).toEqual(names(await root('ListPolicies')));
    expect(seen.filter((name) => name === 'AdministratorAccess')).toHaveLength(2);
  });

  test('is allowed on a path', async () => {
    const { root, session, callAs, propagate } = await withRole();
    const resource = `arn:aws:iam::${ACCOUNT}:policy/team/*`;
    const inline = { PolicyName: 'p', PolicyDocument: policy(allow('iam:ListPolicies', resource)) };
    await root('PutRolePolicy', { ...role, ...inline });
    await propagate();
    const { principal } = session(role.RoleName);
    expect(names(await callAs(principal, 'ListPolicies', { PathPrefix: '/team/' }))).toEqual(['own']);
    await expect(callAs(principal, 'ListPolicies', {})).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});

describe('DeletePolicy', () => {
  test('is refused while somebody holds it, as a policy or as a boundary', async () => {
    const { root, own } = await withRole();
    const conflict = {
      code: 'DeleteConflict',
      status: 409,
      message: 'Cannot delete a policy attached to entities.',
    };
    await root('AttachRolePolicy', { ...role, PolicyArn: own });
    await expect(root('DeletePolicy', { PolicyArn: own })).rejects.toMatchObject(conflict);
    await root('DetachRolePolicy', { ...role, PolicyArn: own });
    await root('PutRolePermissionsBoundary', { ...role, PermissionsBoundary: own });
    await expect(root('DeletePolicy', { PolicyArn: own })).rejects.toMatchObject(conflict);
    await root('DeleteRolePermissionsBoundary', role);
    await root('DeletePolicy', { PolicyArn: own });
    await expect(root('GetPolicy', { PolicyArn: own })).rejects.toMatchObject({ code: 'NoSuchEntity' });
  });

  test('a session whose policy is detached and deleted is evaluated until both have propagated', async () => {
    const { root, own, iam, session, propagate } = await withRole();
    await root('AttachRolePolicy', { ...role, PolicyArn: own });
    await propagate();
    const { principal } = session(role.RoleName);
    await root('DetachRolePolicy', { ...role, PolicyArn: own });
    await root('DeletePolicy', { PolicyArn: own });
    const decision = () => iam.evaluate(principal, 's3:GetObject', 'arn:aws:s3:::b/k').allowed;
    expect(decision()).toBe(true);
    await propagate();
    expect(decision()).toBe(false);
  });

  test("is never allowed for AWS's own", async () => {
    const { root } = await withRole();
    await expect(root('DeletePolicy', { PolicyArn: CORE })).rejects.toMatchObject({
      code: 'AccessDenied',
      status: 403,
    });
    expect((await root('GetPolicy', { PolicyArn: CORE })).Policy.Arn).toBe(CORE);
  });
});

test('AWS managed policies say what AWS says of them', async () => {
  const { root } = iamWorld();
  const { Policy } = await root('GetPolicy', { PolicyArn: 'arn:aws:iam::aws:policy/AmazonEC2FullAccess' });
  expect(Policy).toMatchObject({
    Path: '/',
    Description: 'Provides full access to Amazon EC2 via the AWS Management Console.',
    DefaultVersionId: 'v5',
    CreateDate: new Date('2015-02-06T18:40:15Z'),
    UpdateDate: new Date('2018-11-27T02:16:56Z'),
  });
  expect((await root('ListPolicyVersions', { PolicyArn: SERVICE })).Versions).toEqual([
    { VersionId: 'v1', IsDefaultVersion: true, CreateDate: new Date('2015-04-09T15:03:43Z') },
  ]);
  const agent = { PolicyArn: 'arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy', VersionId: 'v3' };
  const { PolicyVersion } = await root('GetPolicyVersion', agent);
  const { Statement } = JSON.parse(decodeURIComponent(PolicyVersion.Document));
  expect(Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual([
    'CWACloudWatchServerPermissions',
    'CWASSMServerPermissions',
  ]);
});

test('ListEntitiesForPolicy: users and roles, by kind, use and path, in pages', async () => {
  const { root, own } = await withRole();
  await root('CreateUser', { UserName: 'u' });
  await root('AttachUserPolicy', { UserName: 'u', PolicyArn: own });
  await root('PutRolePermissionsBoundary', { ...role, PermissionsBoundary: own });
  const list = (more = {}) => root('ListEntitiesForPolicy', { PolicyArn: own, ...more });
  const user = { UserName: 'u', UserId: expect.stringMatching(/^AIDA/) };
  const bounded = { ...role, RoleId: expect.stringMatching(/^AROA/) };
  expect(await list()).toMatchObject({ PolicyGroups: [], PolicyUsers: [user], PolicyRoles: [bounded] });
  expect(await list({ EntityFilter: 'User' })).toMatchObject({ PolicyUsers: [user], PolicyRoles: [] });
  const asBoundary = await list({ PolicyUsageFilter: 'PermissionsBoundary' });
  expect(asBoundary).toMatchObject({ PolicyUsers: [], PolicyRoles: [bounded] });
  expect(await list({ PathPrefix: '/p/' })).toMatchObject({ PolicyUsers: [], PolicyRoles: [bounded] });
  const first = await list({ MaxItems: 1 });
  expect(first).toMatchObject({ IsTruncated: true, PolicyUsers: [], PolicyRoles: [bounded] });
  expect(await list({ Marker: first.Marker })).toMatchObject({ PolicyUsers: [user], PolicyRoles: [] });
});

describe('roles', () => {
  test('UpdateRole keeps what it is not told', async () => {
    const { root } = await withRole();
    await root('UpdateRole', { ...role, Description: 'new' });
    await root('UpdateRole', { ...role, MaxSessionDuration: 7200 });
    const { Role } = await root('GetRole', role);
    expect(Role).toMatchObject({ Description: 'new', MaxSessionDuration: 7200 });
    const short = root('UpdateRole', { ...role, MaxSessionDuration: 60 });
    await expect(short).rejects.toMatchObject({ code: 'ValidationError' });
  });

  test('tags come in pages, and go in any spelling', async () => {
    const { root } = await withRole();
    const Tags = ['b', 'A', 'c'].map((Key) => ({ Key, Value: Key }));
    await root('TagRole', { ...role, Tags });
    const first = await root('ListRoleTags', { ...role, MaxItems: 2 });
    expect(first).toMatchObject({ IsTruncated: true, Tags: [{ Key: 'A' }, { Key: 'b' }] });
    expect((await root('ListRoleTags', { ...role, Marker: first.Marker })).Tags).toEqual([{ Key: 'c', Value: 'c' }]);
    await root('UntagRole', { ...role, TagKeys: ['a', 'B', 'none'] });
    expect((await root('ListRoleTags', role)).Tags).toEqual([{ Key: 'c', Value: 'c' }]);
    await expect(root('UntagRole', { ...role, TagKeys: ['a#'] })).rejects.toMatchObject({
      message: expect.stringContaining("Value '[a#]' at 'tagKeys' failed to satisfy constraint: Member must satisfy"),
    });
  });

  test('a boundary may be put on a role under a condition, and taken away only if there is one', async () => {
    const { root, session, callAs, propagate } = await withRole();
    const condition = { StringEquals: { 'iam:PermissionsBoundary': CORE } };
    const rule = policy(allow(['iam:PutRolePermissionsBoundary', 'iam:DeleteRolePermissionsBoundary'], '*', condition));
    await root('PutRolePolicy', { ...role, PolicyName: 'p', PolicyDocument: rule });
    await root('CreateRole', { RoleName: 'other', AssumeRolePolicyDocument: EC2_TRUST });
    await propagate();
    const { principal } = session(role.RoleName);
    const put = (PermissionsBoundary: string) =>
      callAs(principal, 'PutRolePermissionsBoundary', { RoleName: 'other', PermissionsBoundary });
    await expect(put(SERVICE)).rejects.toMatchObject({ code: 'AccessDenied' });
    await put(CORE);
    await callAs(principal, 'DeleteRolePermissionsBoundary', { RoleName: 'other' });
    expect((await root('GetRole', { RoleName: 'other' })).Role.PermissionsBoundary).toBeUndefined();
    const again = root('DeleteRolePermissionsBoundary', { RoleName: 'other' });
    await expect(again).rejects.toMatchObject({ code: 'NoSuchEntity' });
  });

  test('UntagRole is seen by its keys', async () => {
    const { root, session, callAs, propagate } = await withRole();
    const condition = { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['free'] } };
    const PolicyDocument = policy(allow('iam:UntagRole', '*', condition));
    await root('PutRolePolicy', { ...role, PolicyName: 'p', PolicyDocument });
    await propagate();
    const untag = (...TagKeys: string[]) => callAs(session(role.RoleName).principal, 'UntagRole', { ...role, TagKeys });
    await untag('free');
    await expect(untag('free', 'kept')).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});

test('instance profiles: those of a role, and their tags', async () => {
  const { root } = await withRole();
  for (const InstanceProfileName of ['b', 'a', 'c']) {
    await root('CreateInstanceProfile', { InstanceProfileName });
    if (InstanceProfileName !== 'c') await root('AddRoleToInstanceProfile', { InstanceProfileName, ...role });
  }
  const { InstanceProfiles, IsTruncated } = await root('ListInstanceProfilesForRole', { ...role, MaxItems: 1 });
  expect([InstanceProfiles[0].InstanceProfileName, IsTruncated]).toEqual(['a', true]);
  const c = { InstanceProfileName: 'c' };
  await root('TagInstanceProfile', { ...c, Tags: [{ Key: 'Team', Value: '' }] });
  expect((await root('ListInstanceProfileTags', c)).Tags).toEqual([{ Key: 'Team', Value: '' }]);
  await root('UntagInstanceProfile', { ...c, TagKeys: ['team'] });
  expect((await root('ListInstanceProfileTags', c)).Tags).toEqual([]);
});
