import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, type AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import { account, allowing, type Clients, refusal, rewriting, trusting } from './recorded';

const ACCOUNT = '123456789012';
const ANN = `arn:aws:iam::${ACCOUNT}:user/ann`;

describe('AssumeRole (aws-facts-2 10.2, 10.3)', () => {
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/reader`;
  const assume = (input: Partial<AssumeRoleCommandInput>) => (sts: Clients['sts']) =>
    sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...input }));

  async function stage() {
    const all = account();
    const { asRoot } = all.world;
    await asRoot('iam', 'CreateRole', { RoleName: 'reader', AssumeRolePolicyDocument: trusting({ AWS: ACCOUNT }) });
    const ann = await all.user('ann', allowing('sts:AssumeRole'));
    return { ...all, ann };
  }

  test.each<[code: string, message: string, ask: (sts: Clients['sts']) => Promise<unknown>]>([
    [
      'ValidationError',
      "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
      assume({ RoleSessionName: 'Session1:2' }),
    ],
    ['ValidationError', 'a-role-of-some-length-here is invalid', assume({ RoleArn: 'a-role-of-some-length-here' })],
    [
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      assume({ DurationSeconds: 3_601 }),
    ],
  ])('%s: %s', async (code, message, ask) => {
    const { ann } = await stage();
    expect(await refusal(ask(ann.sts))).toEqual({ code, message, status: 400 });
  });

  test('one text for a role that is not there, one that does not trust, and a caller without a policy', async () => {
    const { ann, user, world } = await stage();
    const closed = `arn:aws:iam::${ACCOUNT}:role/closed`;
    await world.asRoot('iam', 'CreateRole', {
      RoleName: 'closed',
      AssumeRolePolicyDocument: trusting({ Service: 'ec2.amazonaws.com' }),
    });
    const bob = await user('bob');
    const cases = [
      [ann.sts, `${RoleArn}s`, ANN],
      [ann.sts, closed, ANN],
      [bob.sts, RoleArn, ANN.replace('ann', 'bob')],
    ] as const;
    for (const [sts, role, caller] of cases) {
      expect(await refusal(assume({ RoleArn: role })(sts))).toEqual({
        code: 'AccessDenied',
        message: `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${role}`,
        status: 403,
      });
    }
  });

  test('a number of seconds may begin with a zero or a plus, and has no blank, fraction or exponent', async () => {
    const ask = async (seconds: string) => {
      const { ann } = await stage();
      rewriting(ann.sts, (form) => `${form}&DurationSeconds=${seconds}`);
      return assume({})(ann.sts);
    };
    for (const seconds of ['0900', '%2B900']) expect((await ask(seconds)).Credentials).toBeDefined();
    for (const seconds of ['+900', '900.5', '9e2']) {
      expect(await refusal(ask(seconds))).toMatchObject({ code: 'MalformedInput', status: 400 });
    }
  });

  test('from role to role an hour at most', async () => {
    const { ann, world, pass } = await stage();
    await world.asRoot('iam', 'PutRolePolicy', {
      RoleName: 'reader',
      PolicyName: 'chain',
      PolicyDocument: allowing('sts:AssumeRole'),
    });
    await pass(10);
    const { Credentials } = await assume({})(ann.sts);
    const keys = { accessKeyId: Credentials?.AccessKeyId ?? '', secretAccessKey: Credentials?.SecretAccessKey ?? '' };
    ann.sts.config.credentials = async () => ({ ...keys, sessionToken: Credentials?.SessionToken });
    expect(await refusal(assume({ DurationSeconds: 3_601 })(ann.sts))).toEqual({
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
      status: 400,
    });
  });
});

describe('S3 (aws-facts-2 11.3, 11.4)', () => {
  async function stage() {
    const all = account();
    await all.s3.send(new CreateBucketCommand({ Bucket: 'data' }));
    await all.s3.send(new PutObjectCommand({ Bucket: 'data', Key: 'a.txt', Body: 'a' }));
    return all;
  }
  const get =
    (Key: string, Bucket = 'data') =>
    (s3: Clients['s3']) =>
      s3.send(new GetObjectCommand({ Bucket, Key }));
  const head = (Key: string) => (s3: Clients['s3']) => s3.send(new HeadObjectCommand({ Bucket: 'data', Key }));
  const put = (checksum: object) => (s3: Clients['s3']) =>
    s3.send(new PutObjectCommand({ Bucket: 'data', Key: 'b.txt', Body: 'b', ...checksum }));
  const located = (LocationConstraint: 'us-east-1' | 'eu-west-1') => (s3: Clients['s3']) =>
    s3.send(
      new CreateBucketCommand({
        Bucket: 'more',
        CreateBucketConfiguration: { LocationConstraint: LocationConstraint as 'eu-west-1' },
      }),
    );

  test.each<[status: number, code: string, message: string, ask: (s3: Clients['s3']) => Promise<unknown>]>([
    [404, 'NoSuchKey', 'The specified key does not exist.', get('missing')],
    [404, 'NoSuchBucket', 'The specified bucket does not exist', get('a.txt', 'nobodys')],
    [
      400,
      'InvalidBucketName',
      'The specified bucket is not valid.',
      (s3) => s3.send(new CreateBucketCommand({ Bucket: 'No_Bucket' })),
    ],
    [
      400,
      'BadDigest',
      'The CRC32 you specified did not match the calculated checksum.',
      put({ ChecksumCRC32: 'AAAAAA==' }),
    ],
    [
      400,
      'BadDigest',
      'The Content-MD5 you specified did not match what we received.',
      put({ ContentMD5: '1B2M2Y8AsgTpgAmY7PhCfg==' }),
    ],
    [
      400,
      'IllegalLocationConstraintException',
      'The eu-west-1 location constraint is incompatible for the region specific endpoint this request was sent to.',
      located('eu-west-1'),
    ],
    [400, 'InvalidLocationConstraint', 'The specified location-constraint is not valid', located('us-east-1')],
    [
      400,
      'InvalidArgument',
      'The continuation token provided is incorrect',
      (s3) => s3.send(new ListObjectsV2Command({ Bucket: 'data', ContinuationToken: 'mine' })),
    ],
    [
      400,
      'InvalidArgument',
      'Invalid Encoding Method specified in Request',
      (s3) => s3.send(new ListObjectsV2Command({ Bucket: 'data', EncodingType: 'base64' as 'url' })),
    ],
  ])('%i %s: %s', async (status, code, message, ask) => {
    const { s3 } = await stage();
    expect(await refusal(ask(s3))).toEqual({ code, message, status });
  });

  test('in us-east-1 a bucket can be made again by its owner', async () => {
    const { s3 } = await stage();
    await s3.send(new CreateBucketCommand({ Bucket: 'data' }));
  });

  test('HEAD has no body to say why', async () => {
    const { s3, user } = await stage();
    expect(await refusal(head('missing')(s3))).toMatchObject({ code: 'NotFound', status: 404 });
    const { s3: anns } = await user('ann');
    expect((await refusal(head('a.txt')(anns))).status).toBe(403);
  });

  const because = (action: string) => `because no identity-based policy allows the ${action} action`;

  test('a denial quotes the resource; that of ListBuckets has none', async () => {
    const { user } = await stage();
    const { s3 } = await user('ann');
    expect(await refusal(get('a.txt')(s3))).toEqual({
      code: 'AccessDenied',
      message: `User: ${ANN} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::data/a.txt" ${because('s3:GetObject')}`,
      status: 403,
    });
    expect(await refusal(s3.send(new ListBucketsCommand({})))).toEqual({
      code: 'AccessDenied',
      message: `User: ${ANN} is not authorized to perform: s3:ListAllMyBuckets ${because('s3:ListAllMyBuckets')}`,
      status: 403,
    });
  });

  test('what is missing is denied to who may not list', async () => {
    const { user } = await stage();
    const { s3 } = await user('ann', allowing('s3:GetObject'));
    expect(await refusal(get('missing')(s3))).toMatchObject({ code: 'AccessDenied', status: 403 });
    const { s3: bobs } = await user('bob', allowing(['s3:GetObject', 's3:ListBucket']));
    expect(await refusal(get('missing')(bobs))).toMatchObject({ code: 'NoSuchKey', status: 404 });
  });

  test('an explicit denial says so', async () => {
    const { user } = await stage();
    const deny = allowing('s3:GetObject').replace('"Allow"', '"Deny"');
    const { s3 } = await user('ann', allowing('s3:*'), deny);
    const { message } = await refusal(get('a.txt')(s3));
    expect(message).toMatch(/"arn:aws:s3:::data\/a\.txt" with an explicit deny in an identity-based policy/);
  });
});
