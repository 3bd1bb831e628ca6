import { randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type ChecksumAlgorithm,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
  type UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { checksumOf } from '../../../local/s3/checksums';
import { fakeAws, ROOT, SESSION } from '../support/fakeWorld';

const MIB = 1024 * 1024;
const allowed: string[] = [];
const aws = fakeAws({ allowed });
const at = { Bucket: 'data', Key: 'a b/ü%2F.bin' };
const large = randomBytes(5 * MIB);
const small = Buffer.from('the end');
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
});

/** An upload under way, and what one does with it. */
async function begin(ChecksumAlgorithm?: ChecksumAlgorithm) {
  const more = { ContentType: 'text/plain', Metadata: { owner: 'me' } };
  const { UploadId } = await root.send(new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm, ...more }));
  const upload = { ...at, UploadId };
  const put = async (PartNumber: number, Body: Uint8Array): Promise<CompletedPart> => {
    const part = await root.send(new UploadPartCommand({ ...upload, PartNumber, Body, ChecksumAlgorithm }));
    const { ETag, ChecksumCRC32, ChecksumSHA256 } = part;
    return { PartNumber, ETag, ChecksumCRC32, ChecksumSHA256 };
  };
  const complete = (...Parts: CompletedPart[]) =>
    root.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  const abort = () => root.send(new AbortMultipartUploadCommand(upload));
  return { upload, put, complete, abort };
}

test('the parts become one object, which bears the marks of its parts', async () => {
  const { put, complete } = await begin('CRC32');
  const last = await put(7, small);
  await put(2, small);
  const first = await put(2, large);
  const done = await complete(first, last);
  expect(done).toMatchObject({ ...at, ETag: expect.stringMatching(/^"[0-9a-f]{32}-2"$/), ChecksumType: 'COMPOSITE' });
  const object = await root.send(new GetObjectCommand({ ...at, ChecksumMode: 'ENABLED' }));
  const body = await object.Body?.transformToByteArray();
  expect(Buffer.compare(Buffer.from(body ?? []), Buffer.concat([large, small]))).toBe(0);
  const marks = { ETag: done.ETag, ChecksumCRC32: done.ChecksumCRC32, ChecksumType: 'COMPOSITE' };
  expect(object).toMatchObject({ ...marks, ContentType: 'text/plain', Metadata: { owner: 'me' } });
  expect(done.ChecksumCRC32).toMatch(/-2$/);
  await expect(complete(first, last)).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

test('one part may be small', async () => {
  const { put, complete } = await begin('SHA256');
  expect((await complete(await put(1, small))).ChecksumSHA256).toMatch(/=-1$/);
});

describe('completing is refused', () => {
  test.each<[string, (first: CompletedPart, last: CompletedPart) => CompletedPart[], object]>([
    ['in the wrong order', (first, last) => [last, first], { name: 'InvalidPartOrder' }],
    ['with a part twice', (first) => [first, first], { name: 'InvalidPartOrder' }],
    [
      'with a small part before the last',
      (first, last) => [{ ...first, PartNumber: 1 }, last],
      { name: 'InvalidPart' },
    ],
    ['with another ETag', (first) => [{ ...first, ETag: '"x"' }], { name: 'InvalidPart', ETag: 'x', PartNumber: '2' }],
    ['without a checksum', (first) => [{ ...first, ChecksumCRC32: undefined }], { name: 'InvalidPart' }],
    ['without parts', () => [], { name: 'MalformedXML' }],
    ['with a part 0', (first) => [{ ...first, PartNumber: 0 }], { name: 'InvalidArgument' }],
  ])('%s, and the upload goes on', async (_, parts, refusal) => {
    const { put, complete } = await begin('CRC32');
    const [first, last] = [await put(2, large), await put(3, small)];
    await expect(complete(...parts(first, last))).rejects.toMatchObject(refusal);
    await complete(first, last);
  });

  test('with a part that is too small', async () => {
    const { put, complete } = await begin('CRC32');
    const [first, last] = [await put(4, small), await put(5, small)];
    await expect(complete(first, last)).rejects.toMatchObject({
      name: 'EntityTooSmall',
      PartNumber: '4',
      ProposedSize: '7',
      MinSizeAllowed: '5242880',
    });
  });
});

test('an upload that was given up is gone, and leaves no object', async () => {
  const { upload, put, abort } = await begin();
  await put(1, small);
  await root.send(new PutObjectCommand({ ...at, Body: 'old' }));
  expect((await abort()).$metadata.httpStatusCode).toBe(204);
  const gone = { name: 'NoSuchUpload', $metadata: { httpStatusCode: 404 } };
  await expect(put(2, small)).rejects.toMatchObject(gone);
  await expect(abort()).rejects.toMatchObject(gone);
  expect((await root.send(new HeadObjectCommand(at))).ContentLength).toBe(3);
  const other = await begin();
  const elsewhere = new AbortMultipartUploadCommand({ ...other.upload, Key: upload.Bucket });
  await expect(root.send(elsewhere)).rejects.toMatchObject(gone);
});

test('parts are checked', async () => {
  const { upload } = await begin('SHA256');
  const part = { ...upload, PartNumber: 1, Body: small };
  await expect(
    root.send(new UploadPartCommand({ ...part, ChecksumSHA256: `${'A'.repeat(43)}=` })),
  ).rejects.toMatchObject({
    name: 'BadDigest',
  });
  await expect(root.send(new UploadPartCommand({ ...part, ChecksumAlgorithm: 'CRC32' }))).rejects.toMatchObject({
    name: 'InvalidRequest',
    message: 'Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32',
  });
  await expect(root.send(new UploadPartCommand({ ...part, PartNumber: 10_001 }))).rejects.toMatchObject({
    message: 'Part number must be an integer between 1 and 10000, inclusive',
  });
  for (const unknown of [{ ChecksumAlgorithm: 'CRC32C' as const }, { StorageClass: 'GLACIER' as const }]) {
    const create = new CreateMultipartUploadCommand({ ...at, ...unknown });
    await expect(root.send(create)).rejects.toMatchObject({ name: 'NotImplemented' });
  }
});

test('all of it needs s3:PutObject, and giving up its own permission', async () => {
  const { upload } = await begin();
  const commands = [
    new CreateMultipartUploadCommand(at),
    new UploadPartCommand({ ...upload, PartNumber: 1, Body: small }),
    new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: 'x' }] } }),
  ];
  for (const command of commands) {
    // biome-ignore lint/suspicious/noExplicitAny: commands of several kinds
    await expect(caller.send(command as any)).rejects.toMatchObject({ message: /s3:PutObject on resource: ".*%2F/ });
  }
  allowed.push('s3:PutObject');
  const abort = new AbortMultipartUploadCommand(upload);
  await expect(caller.send(abort)).rejects.toMatchObject({ message: /s3:AbortMultipartUpload on resource/ });
});

test('CRC64NVME is the one of its catalogue, and the one of the whole object', () => {
  const catalogued = Buffer.from('ae8b14860a799888', 'hex').toString('base64');
  expect(checksumOf('CRC64NVME', Buffer.from('123456789'))).toBe(catalogued);
});

test('objects may be larger than other bodies, up to 64 MiB', async () => {
  const put = (size: number) => root.send(new PutObjectCommand({ Bucket: 'data', Key: 'k', Body: Buffer.alloc(size) }));
  await put(20 * MIB);
  const { ContentLength } = await root.send(new HeadObjectCommand({ Bucket: 'data', Key: 'k' }));
  expect(ContentLength).toBe(20 * MIB);
  await expect(put(64 * MIB + 1)).rejects.toMatchObject({ $metadata: { httpStatusCode: 413 } });
});

describe('a part that is copied', () => {
  const copy = (upload: object, more: Partial<UploadPartCopyCommandInput> = {}, client = root) => {
    const part = { ...at, UploadId: undefined, PartNumber: 1, CopySource: 'data/source', ...upload, ...more };
    return client.send(new UploadPartCopyCommand(part));
  };
  beforeAll(() => root.send(new PutObjectCommand({ Bucket: 'data', Key: 'source', Body: '0123456789' })));

  test('is all of its source, or a range', async () => {
    const { upload, complete } = await begin('SHA256');
    await copy(upload);
    const { CopyPartResult: { ETag, ChecksumSHA256 } = {} } = await copy(upload, { CopySourceRange: 'bytes=2-4' });
    await complete({ PartNumber: 1, ETag, ChecksumSHA256 });
    const object = await root.send(new GetObjectCommand(at));
    expect(await object.Body?.transformToString()).toBe('234');
  });

  test('is of what was seen before', async () => {
    const { upload } = await begin();
    const { ETag } = await root.send(new HeadObjectCommand({ Bucket: 'data', Key: 'source' }));
    await copy(upload, { CopySourceIfMatch: ETag });
    const refusal = { name: 'PreconditionFailed', Condition: 'x-amz-copy-source-If-Match' };
    await expect(copy(upload, { CopySourceIfMatch: '"other"' })).rejects.toMatchObject(refusal);
  });

  test.each(['bytes=0-10', 'bytes=4-2', 'bytes=3-', 'bytes=-3', '0-1'])('has no range %s', async (CopySourceRange) => {
    const { upload } = await begin();
    const refusal = { name: 'InvalidArgument', ArgumentName: 'x-amz-copy-source-range' };
    await expect(copy(upload, { CopySourceRange })).rejects.toMatchObject(refusal);
  });

  test('wants the right to read the one and to write the other', async () => {
    const { upload } = await begin();
    await expect(copy(upload, {}, caller)).rejects.toMatchObject({ message: /s3:PutObject on resource/ });
    allowed.push('s3:PutObject');
    await expect(copy(upload, {}, caller)).rejects.toMatchObject({ message: /s3:GetObject on resource/ });
    allowed.push('s3:GetObject');
    await copy(upload, {}, caller);
  });
});
