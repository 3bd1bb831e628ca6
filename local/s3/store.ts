import type { PutObjectRequest } from '@aws-sdk/client-s3';
import { AwsError, type World } from '../world';
import type { Algorithm, Checksum } from './checksums';

/** Headers that readers get back as they were sent. */
export const KEPT = ['CacheControl', 'ContentDisposition', 'ContentLanguage', 'Expires'] as const;
type Kept = Pick<PutObjectRequest, (typeof KEPT)[number]>;

/** What the client says about an object's body. */
export interface Attributes {
  contentType: string;
  contentEncoding?: string;
  kept: Kept;
  metadata: Record<string, string>;
}

export interface StoredObject extends Attributes {
  body: Uint8Array;
  lastModified: Date;
  etag: string;
  checksum: Checksum & { ChecksumType?: 'COMPOSITE' | 'FULL_OBJECT' };
}

export interface Part {
  body: Uint8Array;
  etag: string;
  checksum: Checksum;
}

/** An object that is uploaded in parts. */
export interface Upload extends Attributes {
  key: string;
  algorithm?: Algorithm;
  parts: Map<number, Part>;
}

export interface Bucket {
  name: string;
  created: Date;
  objects: Map<string, StoredObject>;
  /** By upload id. */
  uploads: Map<string, Upload>;
}

export type Store = Map<string, Bucket>;

export const bucketArn = (world: World, bucket: string) => `arn:${world.partition}:s3:::${bucket}`;
export const objectArn = (world: World, bucket: string, key: string) => `${bucketArn(world, bucket)}/${key}`;

/** An ETag is compared with or without its quotes. */
export const unquoted = (etag = '') => etag.replace(/^"(.*)"$/, '$1');

/** aws-facts-2 11.4: a missing bucket is said before any permission is looked at. */
export function bucketNamed(store: Store, name = ''): Bucket {
  const bucket = store.get(name);
  if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name });
  return bucket;
}

export const malformedXml = () =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

/** Any member that is not in `supported` asks for something that is not here. */
export function refuseUnsupported(input: object, supported: string[]): void {
  const unknown = Object.entries(input).find(([name, value]) => value !== undefined && !supported.includes(name));
  if (!unknown) return;
  const message = `A header you provided implies functionality that is not implemented: the embedded AWS does not take ${unknown[0]} here, see docs/local-aws.md.`;
  throw new AwsError('NotImplemented', message, 501);
}

const LONGEST_KEY = 1024;
const LARGEST_METADATA = 2048;

function tooLarge(code: string, message: string, size: number, limit: number): AwsError {
  return new AwsError(code, message, 400, { Size: String(size), MaxSizeAllowed: String(limit) });
}

/** @throws AwsError KeyTooLongError, by the bytes of its UTF-8 */
export function checkKey(key = ''): void {
  const size = Buffer.byteLength(key);
  if (size > LONGEST_KEY) throw tooLarge('KeyTooLongError', 'Your key is too long', size, LONGEST_KEY);
}

function checkMetadata(metadata: Record<string, string>): void {
  const size = Object.entries(metadata).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (size <= LARGEST_METADATA) return;
  const message = 'Your metadata headers exceed the maximum allowed metadata size';
  throw tooLarge('MetadataTooLarge', message, size, LARGEST_METADATA);
}

interface Sent extends Kept {
  ContentType?: string;
  ContentEncoding?: string;
  Metadata?: Record<string, string>;
}

/** @throws AwsError MetadataTooLarge */
export function attributesOf({ ContentType, ContentEncoding, Metadata = {}, ...sent }: Sent): Attributes {
  checkMetadata(Metadata);
  return {
    contentType: ContentType ?? 'binary/octet-stream',
    // aws-chunked is how it travelled, not what is stored (aws-facts-2 11.2).
    contentEncoding: ContentEncoding?.replace(/,?\s*aws-chunked\s*,?/, '') || undefined,
    kept: Object.fromEntries(KEPT.map((name) => [name, sent[name]])),
    metadata: Metadata,
  };
}
