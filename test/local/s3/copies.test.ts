import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sent } from '../../../local/s3/checksums';
import { CALLER, fakeAws, ROOT, SESSION } from '../support/fakeWorld';

const KEY = 'a b/ü%2F+&.txt';
const allowed: string[] = [];
const denied: string[] = [];
const aws = fakeAws({
  evaluate: (action, resource) =>
    allowed.includes(action) && !denied.some((end) => resource.endsWith(end))
      ? { allowed: true }
      : { allowed: false, because: `because no identity-based policy allows the ${action} action` },
});
let root: S3Client;
let caller: S3Client;

const config = async () => ({ endpoint: await aws.wire.listen(0), region: 'us-east-1', maxAttempts: 1 });
beforeAll(async () => {
  const common = await config();
  root = new S3Client({ ...common, credentials: ROOT });
  caller = new S3Client({ ...common, credentials: SESSION });
  for (const Bucket of ['from', 'target']) await root.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => aws.wire.close());
beforeEach(async () => {
  for (const list of [allowed, denied]) list.length = 0;
  const attributes = { ContentType: 'text/plain', Metadata: { owner: 'me' } };
  await root.send(new PutObjectCommand({ Bucket: 'from', Key: KEY, Body: 'hello', ...attributes }));
});

const source = (key: string) => `from/${encodeURIComponent(key)}`;
const copy = (more: Partial<CopyObjectCommandInput> = {}, client = root) =>
  client.send(new CopyObjectCommand({ Bucket: 'target', Key: 'copy', CopySource: source(KEY), ...more }));
const get = (Key: string, Bucket = 'target') => root.send(new GetObjectCommand({ Bucket, Key }));

describe('a copy', () => {
  test('has what its source has', async () => {
    const { CopyObjectResult: { ETag, ChecksumCRC32 } = {} } = await copy({ CopySource: `/${source(KEY)}` });
    expect(ChecksumCRC32).toBe('NhCmhg==');
    const object = await get('copy');
    expect(object).toMatchObject({ ETag, ChecksumCRC32, ContentType: 'text/plain', Metadata: { owner: 'me' } });
    expect(await object.Body?.transformToString()).toBe('hello');
  });

  test('has attributes of its own only if it is told so', async () => {
    const own = { ContentType: 'text/html', Metadata: { team: 'x' } };
    await copy(own);
    expect(await get('copy')).toMatchObject({ ContentType: 'text/plain', Metadata: { owner: 'me' } });
    const onto = { Bucket: 'from', Key: KEY };
    await expect(copy({ ...onto, ...own })).rejects.toMatchObject({
      name: 'InvalidRequest',
      message:
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    });
    await copy({ ...onto, ...own, MetadataDirective: 'REPLACE', ChecksumAlgorithm: 'SHA1' });
    const object = await get(KEY, 'from');
    expect(object).toMatchObject({ ContentType: 'text/html', ChecksumSHA1: 'qvTGHdzF6KLavt4PO0gs2a6pQ00=' });
    expect(object.Metadata).toEqual({ team: 'x' });
    expect(object.ChecksumCRC32).toBeUndefined();
  });

  test.each<[Partial<CopyObjectCommandInput>, string, string]>([
    [{ CopySource: 'from' }, 'InvalidArgument', 'Invalid copy source object key'],
    [{ CopySource: '//a' }, 'InvalidArgument', 'Invalid copy source bucket name'],
    [{ CopySource: 'from/%ff' }, 'InvalidArgument', 'Invalid copy source encoding'],
    [{ MetadataDirective: 'OTHER' as 'COPY' }, 'InvalidArgument', 'Unknown metadata directive.'],
    [{ CopySource: 'from/a+b' }, 'NoSuchKey', 'The specified key does not exist.'],
    [{ CopySource: 'nowhere/a' }, 'NoSuchBucket', 'The specified bucket does not exist'],
    [{ Bucket: 'nowhere' }, 'NoSuchBucket', 'The specified bucket does not exist'],
    [{ CopySource: `${source(KEY)}?versionId=v` }, 'NotImplemented', expect.anything() as never],
    [{ CopySourceIfMatch: 'x' }, 'NotImplemented', expect.anything() as never],
  ])('is refused: %j', async (more, name, message) => {
    await expect(copy(more)).rejects.toMatchObject({ name, message });
  });

  test('wants the permission to read one and to write the other', async () => {
    const not = (action: string, object: string) => ({
      name: 'AccessDenied',
      message: `User: ${CALLER.arn} is not authorized to perform: ${action} on resource: "arn:aws:s3:::${object}" because no identity-based policy allows the ${action} action`,
    });
    allowed.push('s3:GetObject');
    await expect(copy({}, caller)).rejects.toMatchObject(not('s3:PutObject', 'target/copy'));
    allowed.splice(0, 1, 's3:PutObject');
    await expect(copy({}, caller)).rejects.toMatchObject(not('s3:GetObject', `from/${KEY}`));
    allowed.push('s3:GetObject');
    await copy({}, caller);
    const missing = { CopySource: source('missing') };
    await expect(copy(missing, caller)).rejects.toMatchObject(not('s3:ListBucket', 'from'));
    allowed.push('s3:ListBucket');
    await expect(copy(missing, caller)).rejects.toMatchObject({ name: 'NoSuchKey', Key: 'missing' });
  });
});

describe('many objects at once', () => {
  const remove = (keys: string[], Quiet?: boolean) =>
    new DeleteObjectsCommand({ Bucket: 'from', Delete: { Objects: keys.map((Key) => ({ Key })), Quiet } });

  test('are deleted, but those that the caller may not delete', async () => {
    allowed.push('s3:DeleteObject');
    denied.push(KEY);
    const resource = `arn:aws:s3:::from/${KEY}`;
    const Message = `User: ${CALLER.arn} is not authorized to perform: s3:DeleteObject on resource: "${resource}" because no identity-based policy allows the s3:DeleteObject action`;
    const Errors = [{ Key: KEY, Code: 'AccessDenied', Message }];
    expect(await caller.send(remove([KEY, 'missing']))).toMatchObject({ Deleted: [{ Key: 'missing' }], Errors });
    const quiet = await caller.send(remove([KEY, 'missing'], true));
    expect(quiet).toMatchObject({ Errors });
    expect(quiet.Deleted).toBeUndefined();
    await get(KEY, 'from');
    denied.length = 0;
    expect((await caller.send(remove([KEY]))).Errors).toBeUndefined();
    await expect(get(KEY, 'from')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('are at least one and at most a thousand, of no version', async () => {
    const keys = Array.from({ length: 1001 }, (_, place) => `k${place}`);
    await expect(root.send(remove([]))).rejects.toMatchObject({ name: 'MalformedXML' });
    await expect(root.send(remove(keys))).rejects.toMatchObject({ name: 'MalformedXML' });
    expect((await root.send(remove(keys.slice(1)))).Deleted).toHaveLength(1000);
    const versions = { Bucket: 'from', Delete: { Objects: [{ Key: KEY, VersionId: 'v' }] } };
    await expect(root.send(new DeleteObjectsCommand(versions))).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  test.each<[string, (request: Sent) => void, object]>([
    [
      'without a checksum',
      ({ headers }) => delete headers['x-amz-checksum-crc32'],
      {
        name: 'InvalidRequest',
        message: 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
      },
    ],
    ['with a wrong one', ({ headers }) => (headers['x-amz-checksum-crc32'] = 'AAAAAA=='), { name: 'BadDigest' }],
    ['with an MD5 that is none', ({ headers }) => (headers['content-md5'] = 'AAAAAA=='), { name: 'InvalidDigest' }],
    ...['no XML', '<Delete>', '<Delete><Object></Delete>', '<Other><Object><Key>a</Key></Object></Other>'].map(
      (text): [string, (request: Sent) => void, object] => [
        `by ${text}`,
        (request) => {
          request.headers['content-length'] = String(text.length);
          Object.assign(request, { body: text });
        },
        { name: 'MalformedXML', $metadata: { httpStatusCode: 400 } },
      ],
    ),
    [
      'with one that is not here',
      ({ headers }) => (headers['x-amz-checksum-crc32c'] = 'x'),
      { name: 'NotImplemented' },
    ],
  ])('are not deleted %s', async (_, change, refusal) => {
    const command = remove([KEY]);
    // After the client has added its checksum, and before it signs.
    const step = { step: 'build', priority: 'low' } as const;
    command.middlewareStack.add(
      (next) => (args) => {
        change(args.request as Sent);
        return next(args);
      },
      step,
    );
    await expect(root.send(command)).rejects.toMatchObject(refusal);
    await get(KEY, 'from');
  });
});

describe('the older listing', () => {
  const list = { Bucket: 'listed', Delimiter: '/', MaxKeys: 2 };

  test('goes on behind a marker, which may be a group', async () => {
    await root.send(new CreateBucketCommand({ Bucket: 'listed' }));
    for (const Key of ['a/1', 'a/2', 'b+ c', 'b/1', 'c']) {
      await root.send(new PutObjectCommand({ Bucket: 'listed', Key, Body: Key }));
    }
    const first = await root.send(new ListObjectsCommand({ ...list, MaxKeys: 1 }));
    expect(first).toMatchObject({ CommonPrefixes: [{ Prefix: 'a/' }], IsTruncated: true, NextMarker: 'a/' });
    const second = await root.send(new ListObjectsCommand({ ...list, Marker: first.NextMarker, EncodingType: 'url' }));
    expect(second).toMatchObject({ Marker: 'a/', CommonPrefixes: [{ Prefix: 'b/' }], NextMarker: 'b/' });
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(['b%2B%20c']);
    const third = await root.send(new ListObjectsCommand({ ...list, Marker: second.NextMarker }));
    expect(third).toMatchObject({ IsTruncated: false, Contents: [{ Key: 'c', Size: 1 }] });
    expect(third.NextMarker).toBeUndefined();
  });

  test('names no next marker where nothing is grouped', async () => {
    const page = await root.send(new ListObjectsCommand({ Bucket: 'listed', MaxKeys: 2 }));
    expect(page).toMatchObject({ IsTruncated: true, Contents: [{ Key: 'a/1' }, { Key: 'a/2' }] });
    expect(page.NextMarker).toBeUndefined();
  });

  test('refuses what no listing takes', async () => {
    const negative = { Bucket: 'listed', MaxKeys: -1 };
    const refusal = {
      name: 'InvalidArgument',
      message: 'Argument maxKeys must be an integer between 0 and 2147483647',
    };
    await expect(root.send(new ListObjectsCommand(negative))).rejects.toMatchObject(refusal);
    await expect(root.send(new ListObjectsV2Command(negative))).rejects.toMatchObject(refusal);
  });
});
