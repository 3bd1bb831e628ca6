import { AwsError, type World } from '../world';
import type { Algorithm, Checksum } from './checksums';

/** What the client says about an object's body. */
export interface Attributes {
  contentType: string;
  contentEncoding?: string;
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

interface Sent {
  ContentType?: string;
  ContentEncoding?: string;
  Metadata?: Record<string, string>;
}

export const attributesOf = ({ ContentType, ContentEncoding, Metadata }: Sent): Attributes => ({
  contentType: ContentType ?? 'binary/octet-stream',
  // aws-chunked is how it travelled, not what is stored (aws-facts-2 11.2).
  contentEncoding: ContentEncoding?.replace(/,?\s*aws-chunked\s*,?/, '') || undefined,
  metadata: Metadata ?? {},
});
