import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, allow, iamWorld, policy } from './support';

const EC2_FULL = 'arn:aws:iam::aws:policy/AmazonEC2FullAccess';
const UNKNOWN_KEY = 'AKIA0000000000000000';
const ann = { UserName: 'ann' };

/** A user with a policy that allows `actions`, and its principal. */
async function withUser(...actions: string[]) {
  const iam = iamWorld();
  await iam.root('CreateUser', { ...ann, Path: '/team/' });
  const PolicyDocument = policy(allow(actions, `arn:aws:iam::${ACCOUNT}:user/team/ann`));
  if (actions.length > 0) await iam.root('PutUserPolicy', { ...ann, PolicyName: 'Own', PolicyDocument });
  const { AccessKey } = await iam.root('CreateAccessKey', ann);
  await iam.propagate();
  const { principal } = iam.iam.accessKey(AccessKey.AccessKeyId)!;
  const asAnn = (name: string, input: object = {}) => iam.callAs(principal, name, input);
  return { ...iam, asAnn, keyId: AccessKey.AccessKeyId as string };
}

describe('access keys', () => {
  test('an inactive key is unknown everywhere, once that has propagated; an active one is known again', async () => {
    const { root, iam, keyId, propagate } = await withUser();
    const key = { ...ann, AccessKeyId: keyId };
    await root('UpdateAccessKey', { ...key, Status: 'Inactive' });
    expect(iam.accessKey(keyId)).toBeDefined();
    await propagate();
    expect(iam.accessKey(keyId)).toBeUndefined();
    expect((await root('ListAccessKeys', ann)).AccessKeyMetadata).toEqual([
      { UserName: 'ann', AccessKeyId: keyId, Status: 'Inactive', CreateDate: expect.any(Date) },
    ]);
    await root('UpdateAccessKey', { ...key, Status: 'Active' });
    await propagate();
    expect(iam.accessKey(keyId)).toBeDefined();
    await root('DeleteAccessKey', key);
    await propagate();
    expect(iam.accessKey(keyId)).toBeUndefined();
  });

  test('have ids of 20 characters', async () => {
    const { iam, keyId } = await withUser();
    expect([keyId, iam.rootKey.accessKeyId]).toEqual(Array(2).fill(expect.stringMatching(/^AKIA[A-Z2-7]{16}$/)));
  });

  test('two at most, each found only under its own user', async () => {
    const { root, keyId } = await withUser();
    await root('CreateUser', { UserName: 'bob' });
    await root('CreateAccessKey', ann);
    await expect(root('CreateAccessKey', ann)).rejects.toMatchObject({ code: 'LimitExceeded', status: 409 });
    await expect(root('DeleteAccessKey', { UserName: 'bob', AccessKeyId: keyId })).rejects.toMatchObject({
      code: 'NoSuchEntity',
      status: 404,
      message: `The Access Key with id ${keyId} cannot be found.`,
    });
    const first = await root('ListAccessKeys', { ...ann, MaxItems: 1 });
    const second = await root('ListAccessKeys', { ...ann, MaxItems: 1, Marker: first.Marker });
    expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false]);
    expect(first.AccessKeyMetadata).not.toEqual(second.AccessKeyMetadata);
  });

  test.each<[string, object, string]>([
    ['UpdateAccessKey', { AccessKeyId: UNKNOWN_KEY, Status: 'Expired' }, 'Member must satisfy enum value set: [Active'],
    ['UpdateAccessKey', { AccessKeyId: 'short', Status: 'Active' }, "Value 'short' at 'accessKeyId' failed"],
    ['DeleteAccessKey', {}, "Value null at 'accessKeyId' failed"],
  ])('%s refuses %j', async (name, input, message) => {
    const { root } = await withUser();
    const refusal = { code: 'ValidationError', status: 400, message: expect.stringContaining(message) };
    await expect(root(name, { ...ann, ...input })).rejects.toMatchObject(refusal);
  });

  test('a key is seeded for a user who exists', async () => {
    const { iam, propagate } = await withUser();
    const key = { userName: 'Ann', accessKeyId: 'AKIAEXAMPLE000000001', secretAccessKey: 'secret' };
    iam.putAccessKey(key);
    expect(iam.accessKey(key.accessKeyId)).toBeUndefined();
    await propagate();
    const arn = `arn:aws:iam::${ACCOUNT}:user/team/ann`;
    expect(iam.accessKey(key.accessKeyId)).toMatchObject({ secretAccessKey: 'secret', principal: { arn } });
    expect(() => iam.putAccessKey(key)).toThrow('AccessKeysPerUser: 2');
    expect(() => iam.putAccessKey({ ...key, userName: 'bob' })).toThrow('The user with name bob cannot be found.');
    expect(() => iam.putAccessKey({ ...key, accessKeyId: iam.rootKey.accessKeyId })).toThrow();
  });
});

describe('without a name the caller is meant', () => {
  test('a user', async () => {
    const { asAnn, keyId } = await withUser('iam:GetUser', 'iam:*AccessKey*');
    expect((await asAnn('GetUser')).User).toMatchObject({ UserName: 'ann', Path: '/team/' });
    expect((await asAnn('ListAccessKeys')).AccessKeyMetadata).toMatchObject([{ AccessKeyId: keyId }]);
    const { AccessKey } = await asAnn('CreateAccessKey');
    expect(AccessKey).toMatchObject({ UserName: 'ann', Status: 'Active' });
  });

  test('a user without the permission', async () => {
    const { asAnn } = await withUser();
    const message = expect.stringMatching(/iam:GetUser on resource: user ann because no identity-based policy/);
    await expect(asAnn('GetUser')).rejects.toMatchObject({ code: 'AccessDenied', status: 403, message });
  });

  test('the root, who has neither name nor keys here', async () => {
    const { root, session } = await withUser();
    const { User } = await root('GetUser');
    expect(User).toEqual({
      UserId: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:root`,
      CreateDate: expect.any(Date),
    });
    await root('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: trustOf('ec2') });
    const nobody = { code: 'ValidationError', message: 'Must specify userName when calling with non-User credentials' };
    await expect(root('ListAccessKeys')).rejects.toMatchObject(nobody);
    expect(() => session('r')).toThrow('cannot be found');
  });

  test('nobody, in a session', async () => {
    const { root, session, callAs, propagate } = await withUser();
    await root('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: trustOf('ec2') });
    await propagate();
    await expect(callAs(session('r').principal, 'GetUser', {})).rejects.toMatchObject({ code: 'ValidationError' });
  });
});

const trustOf = (service: string) =>
  policy({ Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' });

test('DeleteUser wants it bare', async () => {
  const { root, keyId } = await withUser('iam:GetUser');
  await root('AttachUserPolicy', { ...ann, PolicyArn: EC2_FULL });
  const remove = () => root('DeleteUser', ann);
  const conflict = (message: string) => ({ code: 'DeleteConflict', status: 409, message });
  await expect(remove()).rejects.toMatchObject(conflict('Cannot delete entity, must delete access keys first.'));
  await root('DeleteAccessKey', { ...ann, AccessKeyId: keyId });
  await expect(remove()).rejects.toMatchObject(conflict('Cannot delete entity, must detach all policies first.'));
  await root('DetachUserPolicy', { ...ann, PolicyArn: EC2_FULL });
  await expect(remove()).rejects.toMatchObject(conflict('Cannot delete entity, must delete policies first.'));
  await root('DeleteUserPolicy', { ...ann, PolicyName: 'OWN' });
  await remove();
  await expect(root('GetUser', ann)).rejects.toMatchObject({ code: 'NoSuchEntity', status: 404 });
});

test("a user's policies", async () => {
  const { root } = await withUser('iam:GetUser');
  await root('AttachUserPolicy', { ...ann, PolicyArn: EC2_FULL });
  const attached = [{ PolicyName: 'AmazonEC2FullAccess', PolicyArn: EC2_FULL }];
  expect(await root('ListAttachedUserPolicies', ann)).toEqual({ AttachedPolicies: attached, IsTruncated: false });
  expect((await root('ListAttachedUserPolicies', { ...ann, PathPrefix: '/x/' })).AttachedPolicies).toEqual([]);
  expect((await root('ListUserPolicies', ann)).PolicyNames).toEqual(['Own']);
  const { PolicyName, PolicyDocument } = await root('GetUserPolicy', { ...ann, PolicyName: 'own' });
  expect([PolicyName, JSON.parse(decodeURIComponent(PolicyDocument)).Statement[0].Effect]).toEqual(['Own', 'Allow']);
  for (const name of ['GetUserPolicy', 'DeleteUserPolicy']) {
    const message = 'The user policy with name no cannot be found.';
    await expect(root(name, { ...ann, PolicyName: 'no' })).rejects.toMatchObject({ code: 'NoSuchEntity', message });
  }
  const other = 'arn:aws:iam::aws:policy/AdministratorAccess';
  const detached = root('DetachUserPolicy', { ...ann, PolicyArn: other });
  await expect(detached).rejects.toMatchObject({ code: 'NoSuchEntity', message: `Policy ${other} was not found.` });
});
