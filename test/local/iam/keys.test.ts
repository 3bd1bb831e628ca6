import { describe, expect, test } from '@jest/globals';
import type { ConditionContext, Principal } from '../../../local/world';
import { ACCOUNT, allow, EC2_TRUST, iamWorld, policy } from './support';

const deny = (Condition: object) => ({ ...allow('*', '*', Condition), Effect: 'Deny' });
const BUCKET = 'arn:aws:s3:::b';

/** A world whose role `r` and user `u` may do everything but what the condition denies. */
async function denying(condition: object) {
  const { root, iam, session, propagate } = iamWorld();
  const inline = { PolicyName: 'p', PolicyDocument: policy(allow('*'), deny(condition)) };
  await root('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: EC2_TRUST });
  await root('PutRolePolicy', { RoleName: 'r', ...inline });
  await root('CreateUser', { UserName: 'u' });
  await root('PutUserPolicy', { UserName: 'u', ...inline });
  const { AccessKey } = await root('CreateAccessKey', { UserName: 'u' });
  await propagate();
  const may = (who: Principal, resource = BUCKET, context?: ConditionContext) =>
    iam.evaluate(who, 's3:ListBucket', resource, context).allowed;
  return { may, role: session('r').principal, user: iam.accessKey(AccessKey.AccessKeyId)!.principal, session };
}

const COMMON = [
  'aws:CurrentTime aws:EpochTime aws:PrincipalAccount aws:PrincipalArn aws:PrincipalIsAWSService aws:PrincipalType',
  'aws:RequestedRegion aws:ResourceAccount aws:SecureTransport aws:SourceIp aws:userid aws:ViaAWSService',
];

describe('keys of every request', () => {
  test.each(COMMON.join(' ').split(' '))('%s', async (key) => {
    const { may, role, user } = await denying({ StringLike: { [key]: '*' } });
    expect([may(role), may(user)]).toEqual([false, false]);
  });

  test.each([
    ['*', ACCOUNT],
    [BUCKET, ACCOUNT],
    ['arn:aws:sqs:us-east-1:999999999999:queue', '999999999999'],
    ['arn:aws:ssm:us-east-1::document/AWS-RunShellScript', 'aws'],
  ])('the owner of %s is %s', async (resource, owner) => {
    const { may, role } = await denying({ StringEquals: { 'aws:ResourceAccount': owner } });
    expect(may(role, resource)).toBe(false);
    const others = await denying({ StringNotEquals: { 'aws:ResourceAccount': owner } });
    expect(others.may(others.role, resource)).toBe(true);
  });
});

describe('keys by the caller', () => {
  test('temporary credentials say that there was no second factor, long-term ones say nothing', async () => {
    const { may, role, user } = await denying({ Bool: { 'aws:MultiFactorAuthPresent': 'false' } });
    expect([may(role), may(user)]).toEqual([false, true]);
    const either = await denying({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } });
    expect([either.may(either.role), either.may(either.user)]).toEqual([false, false]);
  });

  test('credentials of an instance say by which version of its metadata service they came', async () => {
    const { may, role, session } = await denying({ NumericLessThan: { 'ec2:RoleDelivery': '2.0' } });
    const delivered = (roleDelivery: Principal['roleDelivery']) => may(session('r', { roleDelivery }).principal);
    expect([may(role), delivered('1.0'), delivered('2.0')]).toEqual([true, false, true]);
  });
});

describe('keys of AssumeRole', () => {
  async function target(trust: object, more: object = {}) {
    const { root, iam, session, propagate } = iamWorld();
    await root('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: EC2_TRUST });
    await root('CreateRole', { RoleName: 't', AssumeRolePolicyDocument: policy(trust), ...more });
    await propagate();
    const { principal } = session('r');
    return (sessionName: string) => iam.trusts('t', principal, { 'sts:RoleSessionName': sessionName });
  }
  const trust = (Condition: object) => ({
    Effect: 'Allow',
    Principal: { AWS: ACCOUNT },
    Action: 'sts:AssumeRole',
    Condition,
  });

  test('the name of the session, compared with who asks', async () => {
    const trusts = await target(trust({ StringLike: { 'aws:userid': '*:${sts:RoleSessionName}' } }));
    expect([trusts('s'), trusts('t')]).toEqual(['account', false]);
    const byName = await target(trust({ StringEquals: { 'sts:RoleSessionName': 's' } }));
    expect([byName('s'), byName('t')]).toEqual(['account', false]);
  });

  test("the role's tags", async () => {
    const Tags = [{ Key: 'team', Value: 'a' }];
    const trusts = await target(trust({ StringEquals: { 'iam:ResourceTag/team': 'a' } }), { Tags });
    expect(trusts('s')).toBe('account');
    const { may, role } = await denying({ StringLike: { 'aws:ResourceTag/team': '*' } });
    expect(may(role)).toBe(true);
  });

  test('a service that assumes a role sees the time, and is one', async () => {
    const { root, iam, propagate } = iamWorld();
    const Condition = {
      DateGreaterThan: { 'aws:CurrentTime': '2020-01-01' },
      Bool: { 'aws:PrincipalIsAWSService': 'true' },
      StringEquals: { 'aws:PrincipalServiceName': 'ec2.amazonaws.com' },
    };
    const [statement] = JSON.parse(EC2_TRUST).Statement;
    await root('CreateRole', { RoleName: 't', AssumeRolePolicyDocument: policy({ ...statement, Condition }) });
    await propagate();
    expect(iam.trusts('t', { service: 'ec2.amazonaws.com' })).toBe('named');
  });
});
