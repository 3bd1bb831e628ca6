import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import { virtualClock } from '../../../local/clock/virtual';
import { ConnectionLost, type Intercept } from '../../../local/wire';
import { AwsError } from '../../../local/world';
import { fakeAws, ROOT } from '../support/fakeWorld';

const clock = virtualClock();
const identity = new GetCallerIdentityCommand({});
const setUp = (intercept: Intercept) => {
  const { wire, world } = fakeAws({ clock, intercept });
  const config = { region: 'us-east-1', credentials: ROOT, maxAttempts: 1 };
  return { wire, world, config, sts: new STSClient({ ...config, requestHandler: wire.requestHandler() }) };
};

describe('intercept', () => {
  test('sees who calls what, and lets it proceed', async () => {
    const calls: unknown[] = [];
    const { sts } = setUp((call, proceed) => {
      calls.push(call);
      return proceed();
    });
    await expect(sts.send(identity)).resolves.toMatchObject({ Account: '123456789012' });
    expect(calls).toEqual([
      {
        service: 'sts',
        operation: 'GetCallerIdentity',
        input: {},
        principal: expect.objectContaining({ kind: 'root' }),
        headers: expect.objectContaining({ 'amz-sdk-invocation-id': expect.any(String) }),
      },
    ]);
  });

  test('an AwsError is answered', async () => {
    const { sts } = setUp(async () => {
      throw new AwsError('Throttling', 'Rate exceeded');
    });
    await expect(sts.send(identity)).rejects.toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
  });

  test('a lost connection is an ECONNRESET, in-process and on a socket', async () => {
    let done = 0;
    const { sts, wire, config } = setUp(async (_, proceed) => {
      await proceed();
      done += 1;
      throw new ConnectionLost();
    });
    await expect(sts.send(identity)).rejects.toMatchObject({ code: 'ECONNRESET' });
    const endpoint = await wire.listen(0);
    await expect(new STSClient({ ...config, endpoint }).send(identity)).rejects.toThrow('socket hang up');
    expect(done).toBe(2);
    await wire.close();
  });

  test('a call that hangs ends when the client gives up', async () => {
    const { sts } = setUp(() => new Promise(() => {}));
    const given = new AbortController();
    const answer = sts.send(identity, { abortSignal: given.signal });
    given.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('S3 in-process: seeded as root, read through the SDK, with no time passing', async () => {
  const { world, wire, config } = setUp((_, proceed) => proceed());
  await world.asRoot('s3', 'CreateBucket', { Bucket: 'data' });
  await world.asRoot('s3', 'PutObject', { Bucket: 'data', Key: 'k', Body: 'text' });
  const s3 = new S3Client({ ...config, requestHandler: wire.requestHandler() });
  const object = await s3.send(new GetObjectCommand({ Bucket: 'data', Key: 'k' }));
  expect(await object.Body?.transformToString()).toBe('text');
  expect(object.LastModified).toEqual(new Date(clock.now()));
});
