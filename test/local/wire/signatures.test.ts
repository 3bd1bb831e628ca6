import { request as httpRequest } from 'node:http';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Clock, wallClock } from '../../../local/clock';
import { virtualClock } from '../../../local/clock/virtual';
import { CALLER, fakeAws, ROOT, SESSION } from '../support/fakeWorld';

const aws = fakeAws();
const expired = { ...SESSION, accessKeyId: 'ASIAEXPIRED' };
aws.keys.set(expired.accessKeyId, { ...expired, expiration: aws.world.clock.now() - 1, principal: CALLER });

let endpoint: string;
beforeAll(async () => {
  endpoint = await aws.wire.listen(0);
});
afterAll(() => aws.wire.close());

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
const config = (credentials: Keys) => ({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
const calls = {
  ec2: (keys: Keys) => new EC2Client(config(keys)).send(new DescribeInstancesCommand({})),
  iam: (keys: Keys) => new IAMClient(config(keys)).send(new GetUserCommand({})),
  sts: (keys: Keys) => new STSClient(config(keys)).send(new GetCallerIdentityCommand({})),
  ssm: (keys: Keys) => new SSMClient(config(keys)).send(new DescribeInstanceInformationCommand({})),
  states: (keys: Keys) => new SFNClient(config(keys)).send(new ListStateMachinesCommand({})),
  s3: (keys: Keys) => new S3Client(config(keys)).send(new ListBucketsCommand({})),
};

const unknown = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' };
const wrongSecret = { ...SESSION, secretAccessKey: 'x' };
const wrongToken = { ...SESSION, sessionToken: 'x' };

describe('bad credentials, service by service', () => {
  test.each([
    ['ec2', unknown, 'AuthFailure', 401],
    ['ec2', expired, 'RequestExpired', 400],
    ['ec2', wrongSecret, 'SignatureDoesNotMatch', 403],
    ['iam', unknown, 'InvalidClientTokenId', 403],
    ['iam', expired, 'ExpiredToken', 403],
    ['iam', wrongSecret, 'SignatureDoesNotMatch', 403],
    ['sts', unknown, 'InvalidClientTokenId', 403],
    ['sts', wrongToken, 'InvalidClientTokenId', 403],
    ['ssm', unknown, 'UnrecognizedClientException', 400],
    ['ssm', expired, 'ExpiredTokenException', 400],
    ['ssm', wrongSecret, 'InvalidSignatureException', 400],
    ['states', unknown, 'UnrecognizedClientException', 400],
    ['s3', unknown, 'InvalidAccessKeyId', 403],
    ['s3', expired, 'ExpiredToken', 400],
    ['s3', wrongToken, 'InvalidToken', 400],
    ['s3', wrongSecret, 'SignatureDoesNotMatch', 403],
  ] as const)('%s with %p: %s %i', async (service, keys, name, httpStatusCode) => {
    await expect(calls[service](keys)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
  });

  test.each([
    ['ec2', 'InvalidAction', 400],
    ['ssm', 'UnknownOperationException', 400],
  ] as const)('%s: an unknown operation is %s %i', async (service, name, httpStatusCode) => {
    const message = expect.stringContaining('docs/local-aws.md');
    await expect(calls[service](ROOT)).rejects.toMatchObject({ name, message, $metadata: { httpStatusCode } });
  });

  test('S3 shows what it signed', async () => {
    const refusal = await calls.s3(wrongSecret).catch((error) => error);
    expect(refusal).toMatchObject({
      AWSAccessKeyId: SESSION.accessKeyId,
      StringToSign: expect.stringMatching(
        /^AWS4-HMAC-SHA256\n\d{8}T\d{6}Z\n\d{8}\/us-east-1\/s3\/aws4_request\n[0-9a-f]{64}$/,
      ),
      SignatureProvided: expect.stringMatching(/^[0-9a-f]{64}$/),
      CanonicalRequest: expect.stringMatching(/^GET\n\/\nx-id=ListBuckets\n/),
    });
    const inBytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex').toString();
    expect(inBytes(refusal.StringToSignBytes)).toBe(refusal.StringToSign);
    expect(inBytes(refusal.CanonicalRequestBytes)).toBe(refusal.CanonicalRequest);
  });

  test('another region is refused', async () => {
    const client = new SSMClient({ ...config(ROOT), region: 'eu-west-1' });
    await expect(client.send(new DescribeInstanceInformationCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
  });
});

describe('time', () => {
  const identity = (options: Parameters<typeof fakeAws>[0]) => {
    const requestHandler = fakeAws(options).wire.requestHandler();
    return new STSClient({ region: 'us-east-1', credentials: ROOT, requestHandler, maxAttempts: 1 }).send(
      new GetCallerIdentityCommand({}),
    );
  };
  test('a signature by wall time is good in a world of another time', async () => {
    await expect(identity({ clock: virtualClock() })).resolves.toBeDefined();
  });
  test('a signature by neither time is not', async () => {
    const wallTime = () => Date.now() - 6 * 60_000;
    await expect(identity({ clock: virtualClock(), wallTime })).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  });
});

describe("an answer's date is of the clock that signed the request", () => {
  const DAY = 24 * 3_600_000;
  const dateOf = async (options: Parameters<typeof fakeAws>[0], systemClockOffset = 0) => {
    const { wire } = fakeAws(options);
    const client = new STSClient({ ...config(ROOT), endpoint: await wire.listen(0), systemClockOffset });
    let date = '';
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        date = (result.response as { headers: Record<string, string> }).headers.date ?? '';
        return result;
      },
      { step: 'deserialize', priority: 'low' },
    );
    await client.send(new GetCallerIdentityCommand({}));
    await wire.close();
    return Date.parse(date);
  };
  const offBy = (offset: number): Clock => ({ ...wallClock(), now: () => Date.now() + offset });

  test("the world's", async () => {
    expect(Math.abs((await dateOf({ clock: offBy(DAY) }, DAY)) - Date.now() - DAY)).toBeLessThan(10_000);
  });
  test('the wall clock', async () => {
    expect(Math.abs((await dateOf({ clock: offBy(DAY) })) - Date.now())).toBeLessThan(10_000);
  });
});

describe('plain HTTP', () => {
  const get = (path: string, headers: Record<string, string>, body = '') =>
    new Promise<{ status?: number; text: string }>((resolve, reject) => {
      const request = httpRequest(endpoint + path, { method: body ? 'POST' : 'GET', headers }, async (response) => {
        const text = Buffer.concat(await response.toArray()).toString();
        resolve({ status: response.statusCode, text });
      });
      request.on('error', reject).end(body);
    });

  test('unsigned requests are refused in the form of their protocol', async () => {
    expect(await get('/', {})).toMatchObject({
      status: 403,
      text: expect.stringContaining('<Code>AccessDenied</Code>'),
    });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const query = await get('/', form, 'Action=GetCallerIdentity&Version=2011-06-15');
    expect(query).toMatchObject({
      status: 403,
      text: expect.stringContaining('<Code>MissingAuthenticationToken</Code>'),
    });
    const json = await get('/', { 'x-amz-target': 'AmazonSSM.SendCommand' }, '{}');
    expect(json).toMatchObject({ status: 403, text: expect.stringContaining('MissingAuthenticationToken') });
  });

  test.each([
    ['/b/100%', 's3', 'InvalidURI'],
    ['/?Action=%zz', 'iam', 'MalformedQueryString'],
    ['/%ff', 'ssm', 'SerializationException'],
  ])("a path or query that cannot be decoded (%s) is the caller's mistake", async (path, service, code) => {
    const credential = `AKIA/20260101/us-east-1/${service}/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    expect(await get(path, { authorization })).toMatchObject({ status: 400, text: expect.stringContaining(code) });
    expect(aws.faults).toEqual([]);
  });

  test('presigned requests are refused with a reason', async () => {
    const presigned = await get('/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00', {});
    expect(presigned).toMatchObject({ status: 501, text: expect.stringContaining('in the Authorization header only') });
  });

  test('a host that is not loopback gets nothing', async () => {
    expect(await get('/', { host: 'evil.example' })).toMatchObject({ status: 403, text: /loopback/ });
  });

  test('a body of more than 4 MiB is refused', async () => {
    expect(await get('/', {}, 'x'.repeat(4 * 1024 * 1024 + 1))).toMatchObject({ status: 413 });
  });
});
