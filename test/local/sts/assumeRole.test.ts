import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, jest, test } from '@jest/globals';
import { CALLER, type FakeOptions, fakeAws, ROOT, SESSION } from '../support/fakeWorld';

const RoleArn = 'arn:aws:iam::123456789012:role/path/target';
const role = { Arn: RoleArn, RoleName: 'target', MaxSessionDuration: 7200 };
const byName: FakeOptions['trusts'] = () => 'named';
const byAccount: NonNullable<FakeOptions['trusts']> = () => 'account';

function sts(options: FakeOptions, credentials = SESSION as { accessKeyId: string; secretAccessKey: string }) {
  const requestHandler = fakeAws({ role, ...options }).wire.requestHandler();
  const client = (keys: typeof credentials) =>
    new STSClient({ region: 'us-east-1', credentials: keys, requestHandler });
  return {
    client,
    assume: (input = {}) =>
      client(credentials).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...input })),
  };
}
const denied = {
  name: 'AccessDenied',
  message: `User: ${CALLER.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
  $metadata: { httpStatusCode: 403 },
};

describe('AssumeRole', () => {
  test('hands out credentials that work', async () => {
    const { assume, client } = sts({ trusts: byName });
    const { AssumedRoleUser, Credentials, PackedPolicySize } = await assume();
    const arn = 'arn:aws:sts::123456789012:assumed-role/target/session';
    expect(AssumedRoleUser).toEqual({ AssumedRoleId: 'AROA2:session', Arn: arn });
    expect(PackedPolicySize).toBeUndefined();
    const keys = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken,
    };
    expect(await client(keys).send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: arn });
  });

  test('who is trusted through the account needs an identity policy as well', async () => {
    await expect(sts({ trusts: byAccount }).assume()).rejects.toMatchObject(denied);
    await expect(sts({ trusts: byAccount, allowed: ['sts:AssumeRole'] }).assume()).resolves.toBeDefined();
  });

  test.each([
    'with an explicit deny in an identity-based policy',
    'because no permissions boundary allows the sts:AssumeRole action',
  ])('who is trusted by name is stopped %s', async (because) => {
    const { assume } = sts({ trusts: byName, evaluate: () => ({ allowed: false, because }) });
    await expect(assume()).rejects.toMatchObject(denied);
  });

  test('the name of the session and what the client calls itself are asked about', async () => {
    const trusts = jest.fn(byAccount);
    const evaluate = jest.fn<NonNullable<FakeOptions['evaluate']>>(() => ({ allowed: true }));
    await sts({ trusts, evaluate }).assume();
    const keys = { 'sts:RoleSessionName': 'session', 'aws:UserAgent': expect.stringContaining('aws-sdk-js') };
    expect(trusts).toHaveBeenCalledWith('target', CALLER, keys);
    expect(evaluate).toHaveBeenCalledWith('sts:AssumeRole', RoleArn, keys);
  });

  test('no trust, no role and another path are refused in the same words', async () => {
    await expect(sts({ allowed: ['sts:AssumeRole'] }).assume()).rejects.toMatchObject(denied);
    await expect(sts({ trusts: byName, role: undefined }).assume()).rejects.toMatchObject(denied);
    await expect(sts({ trusts: byName, role: { ...role, Arn: 'other' } }).assume()).rejects.toMatchObject(denied);
  });

  test.each([
    [{ RoleSessionName: 'a:b' }, /^1 validation error detected: Value 'a:b' at 'roleSessionName' failed to satisfy/],
    [{ RoleSessionName: 'a', DurationSeconds: 60 }, /^2 validation errors detected: Value 'a' .*; Value '60' at/],
    [{ DurationSeconds: 60 }, /greater than or equal to 900/],
    [{ DurationSeconds: 3601 }, /1 hour session limit for roles assumed by role chaining/],
    [{ RoleArn: 'not-an-arn-of-a-role' }, /^not-an-arn-of-a-role is invalid$/],
    [{ ExternalId: 'xx' }, /does not take ExternalId/],
  ])('refuses %p', async (input, message) => {
    await expect(sts({ trusts: byName }).assume(input)).rejects.toMatchObject({ name: 'ValidationError', message });
  });

  test('root may not', async () => {
    await expect(sts({ trusts: byName }, ROOT).assume()).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
