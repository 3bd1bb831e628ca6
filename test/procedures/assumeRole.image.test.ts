import { expect, test } from '@jest/globals';
import { describeWithAwsCli } from '../support/awsCli';
import { account, keysIn, skippingClock, writeDocument, writeTrust } from './guide';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/assume-role-role`;
const ASSUME = `sts assume-role --role-arn ${ROLE} --role-session-name assume-role-session`;
const ATTACH = `iam attach-user-policy --user-name assume-role-user --policy-arn arn:aws:iam::${ACCOUNT}:policy/assume-role-policy`;
/** Until everybody has seen what was written to IAM. */
const PROPAGATED = 10_000;
const denied = {
  code: 'AccessDenied',
  message: `User: arn:aws:iam::${ACCOUNT}:user/assume-role-user is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
};

const trusting = (Principal: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] });

/** The guide up to a user with a key, whose policy is not attached yet, and a role that trusts `principal`. */
async function prepared(principal: object = { AWS: ACCOUNT }) {
  const clock = skippingClock();
  const all = await account({ clock });
  const { asRoot } = all.aws.world;
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }],
  });
  await asRoot('iam', 'CreatePolicy', { PolicyName: 'assume-role-policy', PolicyDocument });
  await asRoot('iam', 'CreateUser', { UserName: 'assume-role-user' });
  const { AccessKey } = await asRoot('iam', 'CreateAccessKey', { UserName: 'assume-role-user' });
  const AssumeRolePolicyDocument = trusting(principal);
  await asRoot('iam', 'CreateRole', { RoleName: 'assume-role-role', AssumeRolePolicyDocument });
  return { ...all, clock, user: all.withKeys(keysIn(AccessKey)) };
}

describeWithAwsCli('a user assumes a role, by the AWS CLI', () => {
  test('and may then what the role may, for an hour', async () => {
    const clock = skippingClock();
    const { owner, withKeys } = await account({ clock });
    const document = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' };
    const policy = writeDocument('assume-role-policy.json', document);
    const { Policy } = await owner.prints(
      `iam create-policy --policy-name assume-role-policy --policy-document ${policy}`,
    );
    await owner.prints('iam create-user --user-name assume-role-user');
    const { AccessKey } = await owner.prints('iam create-access-key --user-name assume-role-user');
    await owner.prints(`iam attach-user-policy --user-name assume-role-user --policy-arn ${Policy.Arn}`);
    const trust = writeTrust('trust.json', { AWS: ACCOUNT });
    const { Role } = await owner.prints(
      `iam create-role --role-name assume-role-role --assume-role-policy-document ${trust}`,
    );
    const full = 'arn:aws:iam::aws:policy/AmazonEC2FullAccess';
    await owner.prints(`iam attach-role-policy --role-name assume-role-role --policy-arn ${full}`);
    clock.skip(PROPAGATED);

    const user = withKeys(keysIn(AccessKey));
    const denial = await user.refused('ec2 describe-instances');
    expect(denial.code).toBe('UnauthorizedOperation');
    expect(denial.message).toMatch(
      /^You are not authorized to perform this operation\. User: arn:aws:iam::123456789012:user\/assume-role-user is not authorized to perform: ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action/,
    );
    const asked = clock.now();
    const { Credentials, AssumedRoleUser } = await user.prints(ASSUME);
    expect(Role.RoleId).toMatch(/^AROA[A-Z2-7]{17}$/);
    expect(AssumedRoleUser).toEqual({
      AssumedRoleId: `${Role.RoleId}:assume-role-session`,
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/assume-role-role/assume-role-session`,
    });
    expect(Credentials.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    const lifetime = Date.parse(Credentials.Expiration) - asked;
    expect(Math.round(lifetime / 60_000)).toBe(60);

    const session = withKeys(keysIn(Credentials));
    expect(await session.prints('ec2 describe-instances')).toEqual({ Reservations: [] });
    expect(await session.prints('sts get-caller-identity')).toEqual({
      Account: ACCOUNT,
      UserId: AssumedRoleUser.AssumedRoleId,
      Arn: AssumedRoleUser.Arn,
    });
    // The user itself has got nothing by it, and the role may no more than its policy says.
    expect(await user.refused('ec2 describe-instances')).toMatchObject({ code: 'UnauthorizedOperation' });
    expect(await session.refused('iam list-users')).toMatchObject({ code: 'AccessDenied' });

    clock.skip(lifetime + 60_000);
    expect(await session.refused('ec2 describe-instances')).toMatchObject({ code: 'RequestExpired' });
    expect(await session.refused('sts get-caller-identity')).toMatchObject({ code: 'ExpiredToken' });
  }, 60_000);

  test('the third variable, the session token, was not exported', async () => {
    const { owner, user, clock, withKeys } = await prepared();
    await owner.prints(ATTACH);
    clock.skip(PROPAGATED);
    const { Credentials } = await user.prints(ASSUME);
    const { SessionToken, ...two } = Credentials;
    expect(SessionToken).toEqual(expect.any(String));
    const session = withKeys(keysIn(two));
    expect(await session.refused('ec2 describe-instances')).toMatchObject({ code: 'AuthFailure' });
    expect(await session.refused('sts get-caller-identity')).toMatchObject({ code: 'InvalidClientTokenId' });
  }, 60_000);

  test('the policy was not attached to the user: the trust in the account alone lets nobody in', async () => {
    const { owner, user, clock } = await prepared();
    clock.skip(PROPAGATED);
    expect(await user.refused(ASSUME)).toEqual(denied);
    await owner.prints(ATTACH);
    clock.skip(PROPAGATED);
    expect(await user.prints(ASSUME)).toHaveProperty('Credentials.SessionToken');
  }, 60_000);

  test('a trust policy that names the user needs no policy of the user', async () => {
    const { owner, user, clock } = await prepared();
    const trust = writeTrust('trust-user.json', { AWS: `arn:aws:iam::${ACCOUNT}:user/assume-role-user` });
    await owner.prints(`iam update-assume-role-policy --role-name assume-role-role --policy-document ${trust}`);
    clock.skip(PROPAGATED);
    expect(await user.prints(ASSUME)).toHaveProperty('AssumedRoleUser.AssumedRoleId');
  }, 60_000);

  test('the trust policy names a service, not the user', async () => {
    const { owner, user, clock } = await prepared({ Service: 'ec2.amazonaws.com' });
    await owner.prints(ATTACH);
    clock.skip(PROPAGATED);
    expect(await user.refused(ASSUME)).toEqual(denied);
  }, 60_000);

  test('the role is of another account, or is not there at all: the same words', async () => {
    const { owner, user, clock } = await prepared();
    await owner.prints(ATTACH);
    clock.skip(PROPAGATED);
    for (const wrong of [ROLE.replace(ACCOUNT, '210987654321'), `${ROLE}s`]) {
      const { code, message } = await user.refused(ASSUME.replace(ROLE, wrong));
      expect([code, message]).toEqual(['AccessDenied', denied.message.replace(ROLE, wrong)]);
    }
  }, 60_000);

  test.each([
    ['a user', `arn:aws:iam::${ACCOUNT}:user/nobody`],
    ['an account', '210987654321'],
  ])(
    '%s that does not exist cannot be trusted',
    async (_, nobody) => {
      const { owner } = await prepared();
      const trust = writeTrust('trust-nobody.json', { AWS: nobody });
      const update = `iam update-assume-role-policy --role-name assume-role-role --policy-document ${trust}`;
      expect(await owner.refused(update)).toEqual({
        code: 'MalformedPolicyDocument',
        message: `Invalid principal in policy: "AWS":"${nobody}"`,
      });
    },
    60_000,
  );

  test('the key was made a second ago: nobody knows it yet', async () => {
    const { user, clock } = await prepared();
    expect(await user.refused('sts get-caller-identity')).toMatchObject({ code: 'InvalidClientTokenId' });
    expect(await user.refused('ec2 describe-instances')).toMatchObject({ code: 'AuthFailure' });
    clock.skip(PROPAGATED);
    expect(await user.prints('sts get-caller-identity')).toMatchObject({ Account: ACCOUNT });
  }, 60_000);

  test('a longer session than the role allows, and a name that AWS does not take', async () => {
    const { owner, user, clock } = await prepared();
    await owner.prints(ATTACH);
    clock.skip(PROPAGATED);
    expect(await user.refused(`${ASSUME} --duration-seconds 7200`)).toEqual({
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    });
    expect(await user.refused(`${ASSUME}:2`)).toEqual({
      code: 'ValidationError',
      message: expect.stringContaining("'assume-role-session:2' at 'roleSessionName' failed to satisfy constraint"),
    });
  }, 60_000);
});
