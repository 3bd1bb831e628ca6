import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CALLER, fakeAws, ROOT, SESSION } from '../support/fakeWorld';

const allowed: string[] = [];
const contexts: unknown[] = [];
const aws = fakeAws({
  allowed,
  evaluate: (action, resource, context) => {
    contexts.push({ action, resource, ...context });
    return allowed.includes(action)
      ? { allowed: true }
      : { allowed: false, because: `because no identity-based policy allows the ${action} action` };
  },
});
let root: S3Client;
let caller: S3Client;

beforeAll(async () => {
  const config = { endpoint: await aws.wire.listen(0), region: 'us-east-1', maxAttempts: 1 };
  root = new S3Client({ ...config, credentials: ROOT });
  caller = new S3Client({ ...config, credentials: SESSION });
  await root.send(new CreateBucketCommand({ Bucket: 'data' }));
});
afterAll(() => aws.wire.close());
beforeEach(() => {
  allowed.length = 0;
  contexts.length = 0;
});

const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  root.send(new GetObjectCommand({ Bucket: 'data', Key, ...more }));

describe('objects', () => {
  test('come back as they were put: body, type, metadata, verified checksum', async () => {
    const Key = 'a b/c+d/ü.txt';
    const put = { Bucket: 'data', Key, Body: 'hello', ContentType: 'text/plain', Metadata: { owner: 'me' } };
    const { ETag } = await root.send(new PutObjectCommand(put));
    const object = await root.send(new GetObjectCommand({ Bucket: 'data', Key }));
    expect(await object.Body?.transformToString()).toBe('hello');
    expect(object).toMatchObject({ ETag, ContentType: 'text/plain', ContentLength: 5, Metadata: { owner: 'me' } });
    expect(object.ChecksumCRC32).toBe('NhCmhg==');
    expect(object.LastModified).toBeInstanceOf(Date);
    const head = await root.send(new HeadObjectCommand({ Bucket: 'data', Key }));
    expect(head).toMatchObject({ ETag, ContentLength: 5 });
  });

  test('headers come back as they were sent', async () => {
    const headers = {
      CacheControl: 'no-cache',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentLanguage: 'de',
      Expires: new Date('2026-10-21T07:28:00Z'),
    };
    await root.send(new PutObjectCommand({ Bucket: 'data', Key: 'headers', Body: 'x', ...headers }));
    expect(await get('headers')).toMatchObject(headers);
    expect(await root.send(new HeadObjectCommand({ Bucket: 'data', Key: 'headers' }))).toMatchObject(headers);
    await root.send(new PutObjectCommand({ Bucket: 'data', Key: 'headers', Body: 'x' }));
    expect(await get('headers')).not.toHaveProperty('CacheControl');
  });

  test.each<[string, Partial<PutObjectCommandInput>, object]>([
    ['a key', { Key: 'ü'.repeat(512) }, {}],
    ['a key that is too long', { Key: `${'ü'.repeat(512)}a` }, { name: 'KeyTooLongError', Size: '1025' }],
    ['metadata', { Metadata: { abc: 'x'.repeat(2045) } }, {}],
    [
      'too much metadata',
      { Metadata: { abc: 'x'.repeat(2046) } },
      { name: 'MetadataTooLarge', MaxSizeAllowed: '2048' },
    ],
    ['an MD5', { ContentMD5: 'XUFAKrxLKna5cZ2REBfFkg==' }, {}],
    ['the MD5 of something else', { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }, { name: 'BadDigest' }],
    ['an MD5 that is none', { ContentMD5: 'x' }, { name: 'InvalidDigest' }],
    [
      'a checksum that is none',
      { ChecksumSHA256: 'AAAA' },
      { name: 'InvalidRequest', message: /x-amz-checksum-sha256/ },
    ],
  ])('are put with %s, within limits', async (_, input, refusal) => {
    const put = root.send(new PutObjectCommand({ Bucket: 'data', Key: 'limits', Body: 'hello', ...input }));
    if (Object.keys(refusal).length === 0) await put;
    else await expect(put).rejects.toMatchObject({ ...refusal, $metadata: { httpStatusCode: 400 } });
  });

  test('a key that is too long is that to every operation', async () => {
    await expect(get('k'.repeat(1025))).rejects.toMatchObject({ name: 'KeyTooLongError' });
  });

  test('a stream arrives in aws-chunked form and is stored without it', async () => {
    const Body = Readable.from([Buffer.from('hel'), Buffer.from('lo')]);
    await root.send(new PutObjectCommand({ Bucket: 'data', Key: 'stream', Body, ContentLength: 5 }));
    const object = await root.send(new GetObjectCommand({ Bucket: 'data', Key: 'stream' }));
    expect(await object.Body?.transformToString()).toBe('hello');
    expect(object.ContentEncoding).toBeUndefined();
    expect(object.ChecksumCRC32).toBe('NhCmhg==');
  });

  test('a wrong checksum is refused', async () => {
    const put = new PutObjectCommand({ Bucket: 'data', Key: 'bad', Body: 'hello', ChecksumCRC32: 'AAAAAA==' });
    await expect(root.send(put)).rejects.toMatchObject({
      name: 'BadDigest',
      message: 'The CRC32 you specified did not match the calculated checksum.',
    });
  });

  test('what is not supported says so', async () => {
    const refusal = {
      name: 'NotImplemented',
      message: expect.stringContaining('docs/local-aws.md'),
      $metadata: { httpStatusCode: 501 },
    };
    const Range = 'bytes=0-1,3-4';
    await expect(get('stream', { Range })).rejects.toMatchObject(refusal);
    await expect(get('stream', { IfNoneMatch: 'x' })).rejects.toMatchObject(refusal);
    const deleting = new DeleteObjectCommand({ Bucket: 'data', Key: 'stream', VersionId: 'v' });
    await expect(root.send(deleting)).rejects.toMatchObject(refusal);
    const encrypted = { Bucket: 'data', Key: 'encrypted', Body: 'x', ServerSideEncryption: 'aws:kms' } as const;
    await expect(root.send(new PutObjectCommand(encrypted))).rejects.toMatchObject(refusal);
    await expect(get('encrypted')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test.each<[string, string, string]>([
    ['bytes=1-3', 'bytes 1-3/5', 'ell'],
    ['bytes=3-', 'bytes 3-4/5', 'lo'],
    ['bytes=-2', 'bytes 3-4/5', 'lo'],
    ['bytes=-9', 'bytes 0-4/5', 'hello'],
    ['bytes=4-99', 'bytes 4-4/5', 'o'],
  ])('of which a range is asked: %s', async (Range, ContentRange, text) => {
    const object = await get('stream', { Range, ChecksumMode: 'ENABLED' });
    expect(await object.Body?.transformToString()).toBe(text);
    expect(object).toMatchObject({ ContentRange, ContentLength: text.length, $metadata: { httpStatusCode: 206 } });
    expect(object.ChecksumCRC32).toBeUndefined();
    const head = await root.send(new HeadObjectCommand({ Bucket: 'data', Key: 'stream', Range }));
    expect(head).toMatchObject({ ContentRange, ContentLength: text.length, $metadata: { httpStatusCode: 206 } });
  });

  test('a range beyond the end is refused, and one that is none is ignored', async () => {
    for (const Range of ['bytes=5-', 'bytes=-0']) {
      await expect(get('stream', { Range })).rejects.toMatchObject({
        name: 'InvalidRange',
        message: 'The requested range is not satisfiable',
        RangeRequested: Range,
        ActualObjectSize: '5',
        $metadata: { httpStatusCode: 416 },
      });
    }
    for (const Range of ['bytes=3-1', 'lines=1-2', 'bytes=-']) {
      expect(await get('stream', { Range })).toMatchObject({ ContentLength: 5, $metadata: { httpStatusCode: 200 } });
    }
  });

  test('If-Match holds the object to what was seen before', async () => {
    const { ETag } = await get('stream');
    await get('stream', { IfMatch: ETag });
    await expect(get('stream', { IfMatch: '"other"' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      Condition: 'If-Match',
      $metadata: { httpStatusCode: 412 },
    });
  });

  test('are deleted, also when they are not there', async () => {
    await root.send(new PutObjectCommand({ Bucket: 'data', Key: 'gone/%2F', Body: 'x' }));
    for (let time = 0; time < 2; time++) {
      const deleted = await root.send(new DeleteObjectCommand({ Bucket: 'data', Key: 'gone/%2F' }));
      expect(deleted.$metadata.httpStatusCode).toBe(204);
    }
    await expect(get('gone/%2F')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

describe('authorization', () => {
  const get = (Key: string) => caller.send(new GetObjectCommand({ Bucket: 'data', Key }));

  test('a denial quotes the resource', async () => {
    await expect(get('stream')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: ${CALLER.arn} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::data/stream" because no identity-based policy allows the s3:GetObject action`,
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('a missing object is 404 only to who may list', async () => {
    allowed.push('s3:GetObject');
    await expect(get('missing')).rejects.toMatchObject({ name: 'AccessDenied', message: /s3:ListBucket on resource/ });
    allowed.push('s3:ListBucket');
    await expect(get('missing')).rejects.toMatchObject({ name: 'NoSuchKey', Key: 'missing' });
    const head = new HeadObjectCommand({ Bucket: 'data', Key: 'missing' });
    await expect(caller.send(head)).rejects.toMatchObject({ name: 'NotFound' });
  });

  test('a missing bucket is 404 to everyone', async () => {
    await expect(caller.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'k' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
      message: 'The specified bucket does not exist',
      BucketName: 'nowhere',
    });
  });

  test('HEAD is refused without a body', async () => {
    const head = new HeadObjectCommand({ Bucket: 'data', Key: 'nothing' });
    await expect(caller.send(head)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    allowed.push('s3:GetObject', 's3:ListBucket');
    await expect(caller.send(head)).rejects.toMatchObject({ name: 'NotFound', $metadata: { httpStatusCode: 404 } });
  });

  test('ListObjectsV2 has its condition keys, absent where not sent', async () => {
    allowed.push('s3:ListBucket');
    await caller.send(new ListObjectsV2Command({ Bucket: 'data', Prefix: 'a b/', MaxKeys: 5 }));
    const call = { action: 's3:ListBucket', resource: 'arn:aws:s3:::data' };
    expect(contexts).toEqual([expect.objectContaining({ ...call, 's3:prefix': 'a b/', 's3:max-keys': '5' })]);
    expect(contexts).toEqual([expect.not.objectContaining({ 's3:delimiter': expect.anything() })]);
  });

  test('every request has the keys that hang on how it was sent', async () => {
    allowed.push('s3:PutObject');
    await caller.send(new PutObjectCommand({ Bucket: 'data', Key: 'k', Body: 'hello' }));
    expect(contexts).toEqual([
      expect.objectContaining({
        's3:authType': 'REST-HEADER',
        's3:ResourceAccount': '123456789012',
        's3:signatureversion': 'AWS4-HMAC-SHA256',
        's3:x-amz-content-sha256': createHash('sha256').update('hello').digest('hex'),
      }),
    ]);
  });

  test('deleting has its own permissions', async () => {
    allowed.push('s3:PutObject');
    const object = new DeleteObjectCommand({ Bucket: 'data', Key: 'stream' });
    await expect(caller.send(object)).rejects.toMatchObject({
      message: /s3:DeleteObject on resource: ".*data\/stream"/,
    });
    const bucket = new DeleteBucketCommand({ Bucket: 'data' });
    await expect(caller.send(bucket)).rejects.toMatchObject({ message: /s3:DeleteBucket on resource: ".*:data"/ });
    const head = new HeadBucketCommand({ Bucket: 'data' });
    await expect(caller.send(head)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    expect(contexts).toContainEqual(
      expect.objectContaining({ action: 's3:ListBucket', resource: 'arn:aws:s3:::data' }),
    );
  });

  test('ListBuckets is denied without a resource', async () => {
    await expect(caller.send(new ListBucketsCommand({}))).rejects.toMatchObject({
      message: `User: ${CALLER.arn} is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action`,
    });
  });
});

describe('buckets', () => {
  test('are listed by name', async () => {
    await root.send(new CreateBucketCommand({ Bucket: 'another' }));
    const { Buckets } = await root.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(['another', 'data']);
    expect(Buckets?.[0]?.CreationDate).toBeInstanceOf(Date);
  });

  test('have valid names, and in us-east-1 no location', async () => {
    for (const Bucket of ['Not_Valid', '10.0.0.1', 'xn--abc', 'sthree-a', 'abc-s3alias', 'abc--x-s3', 'abc.mrap']) {
      const creating = aws.world.asRoot('s3', 'CreateBucket', { Bucket });
      await expect(creating).rejects.toMatchObject({ code: 'InvalidBucketName' });
    }
    const LocationConstraint = 'eu-west-1' as const;
    const elsewhere = new CreateBucketCommand({ Bucket: 'there', CreateBucketConfiguration: { LocationConstraint } });
    await expect(root.send(elsewhere)).rejects.toMatchObject({ name: 'IllegalLocationConstraintException' });
    await root.send(new CreateBucketCommand({ Bucket: 'data' }));
  });

  test('are deleted when they are empty', async () => {
    const Bucket = 'short-lived';
    await root.send(new CreateBucketCommand({ Bucket }));
    expect(await root.send(new HeadBucketCommand({ Bucket }))).toMatchObject({ BucketRegion: 'us-east-1' });
    await root.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    await expect(root.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketNotEmpty',
      message: 'The bucket you tried to delete is not empty',
      $metadata: { httpStatusCode: 409 },
    });
    await root.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await root.send(new DeleteBucketCommand({ Bucket }));
    await expect(root.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(root.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  test('are listed in pages, grouped at the delimiter', async () => {
    await root.send(new CreateBucketCommand({ Bucket: 'pages' }));
    for (const Key of ['p/c', 'p/a/1', 'p/a/2', 'p/b/1', 'q']) {
      await root.send(new PutObjectCommand({ Bucket: 'pages', Key, Body: Key }));
    }
    const list = { Bucket: 'pages', Prefix: 'p/', Delimiter: '/', MaxKeys: 2 };
    const first = await root.send(new ListObjectsV2Command(list));
    expect(first).toMatchObject({
      IsTruncated: true,
      KeyCount: 2,
      CommonPrefixes: [{ Prefix: 'p/a/' }, { Prefix: 'p/b/' }],
    });
    const ContinuationToken = first.NextContinuationToken;
    const second = await root.send(new ListObjectsV2Command({ ...list, ContinuationToken }));
    expect(second).toMatchObject({ IsTruncated: false, Contents: [{ Key: 'p/c', Size: 3 }] });
    expect(second.CommonPrefixes).toBeUndefined();
    for (const wrong of [{ ContinuationToken: 'x' }, { MaxKeys: -1 }, { MaxKeys: 1.5 }, { MaxKeys: Number.NaN }]) {
      await expect(root.send(new ListObjectsV2Command({ ...list, ...wrong }))).rejects.toMatchObject({
        name: 'InvalidArgument',
      });
    }
  });
});
