import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError, type World } from '../world';

export interface StoredObject {
  body: Uint8Array;
  lastModified: Date;
  etag: string;
  contentType: string;
  contentEncoding?: string;
  metadata: Record<string, string>;
  /** As the client sent it, by the SDK's member name (ChecksumCRC32, …). */
  checksum: Checksum;
}

export type Checksum = { ChecksumCRC32?: string; ChecksumSHA1?: string; ChecksumSHA256?: string };

export interface Bucket {
  name: string;
  created: Date;
  objects: Map<string, StoredObject>;
}

export type Store = Map<string, Bucket>;

export const bucketArn = (world: World, bucket: string) => `arn:${world.partition}:s3:::${bucket}`;
export const objectArn = (world: World, bucket: string, key: string) => `${bucketArn(world, bucket)}/${key}`;

/** aws-facts-2 11.4: a missing bucket is said before any permission is looked at. */
export function bucketNamed(store: Store, name = ''): Bucket {
  const bucket = store.get(name);
  if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name });
  return bucket;
}

/** Any member that is not in `supported` asks for something that is not here. */
export function refuseUnsupported(input: object, supported: string[]): void {
  const unknown = Object.entries(input).find(([name, value]) => value !== undefined && !supported.includes(name));
  if (!unknown) return;
  const message = `A header you provided implies functionality that is not implemented: the embedded AWS does not take ${unknown[0]} here, see docs/local-aws.md.`;
  throw new AwsError('NotImplemented', message, 501);
}

export const digest = (algorithm: 'md5' | 'sha1' | 'sha256', body: Uint8Array) =>
  createHash(algorithm).update(body).digest();

function crc32Bytes(body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes;
}

/** @throws AwsError BadDigest */
export function verifiedChecksum(input: Checksum & { ContentMD5?: string }, body: Uint8Array): Checksum {
  const calculated = {
    ChecksumCRC32: () => crc32Bytes(body),
    ChecksumSHA1: () => digest('sha1', body),
    ChecksumSHA256: () => digest('sha256', body),
  };
  const checksum: Checksum = {};
  for (const [name, calculate] of Object.entries(calculated)) {
    const member = name as keyof Checksum;
    if (input[member] === undefined) continue;
    const message = `The ${name.slice('Checksum'.length)} you specified did not match the calculated checksum.`;
    if (calculate().toString('base64') !== input[member]) throw new AwsError('BadDigest', message);
    checksum[member] = input[member];
  }
  if (input.ContentMD5 !== undefined && digest('md5', body).toString('base64') !== input.ContentMD5) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  return checksum;
}
