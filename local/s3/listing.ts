import type { _Object, CommonPrefix, EncodingType } from '@aws-sdk/client-s3';
import { AwsError, type Call } from '../world';
import { type Bucket, bucketArn, bucketNamed, type Store, type StoredObject } from './store';

export const LISTING = 'partial: no owners, no checksums';

/** What both listings are asked. */
export interface Listing {
  Bucket?: string;
  Prefix?: string;
  Delimiter?: string;
  MaxKeys?: number;
  EncodingType?: EncodingType;
}
export const LISTING_MEMBERS = ['Bucket', 'Prefix', 'Delimiter', 'MaxKeys', 'EncodingType'];

/** A line of the listing: an object, or all objects that share a prefix up to the delimiter. */
export interface Entry {
  name: string;
  object?: StoredObject;
}

function checkMaxKeys(value = 0): void {
  if (!Number.isInteger(value)) {
    const message = 'Provided max-keys not an integer or within integer range';
    throw new AwsError('InvalidArgument', message, 400, { ArgumentName: 'max-keys' });
  }
  if (value >= 0 && value < 2 ** 31) return;
  const message = 'Argument maxKeys must be an integer between 0 and 2147483647';
  throw new AwsError('InvalidArgument', message, 400, { ArgumentName: 'maxKeys', ArgumentValue: String(value) });
}

/** The bucket, once the caller may list it. */
export function listedBucket(store: Store, { input, world, authorize }: Call<Listing>): Bucket {
  const bucket = bucketNamed(store, input.Bucket);
  const { Prefix, Delimiter, MaxKeys, EncodingType } = input;
  if (EncodingType !== undefined && EncodingType !== 'url') {
    throw new AwsError('InvalidArgument', 'Invalid Encoding Method specified in Request');
  }
  checkMaxKeys(MaxKeys);
  authorize('s3:ListBucket', bucketArn(world, bucket.name), {
    's3:prefix': Prefix,
    's3:delimiter': Delimiter,
    's3:max-keys': MaxKeys?.toString(),
  });
  return bucket;
}

/** In the order of their bytes; of the keys only those behind `after`. */
export function entries({ objects }: Bucket, { Prefix = '', Delimiter }: Listing, after = ''): Entry[] {
  const byName = new Map<string, Entry>();
  for (const [key, object] of objects) {
    if (!key.startsWith(Prefix) || (after && inBytes(key, after) <= 0)) continue;
    const end = Delimiter ? key.indexOf(Delimiter, Prefix.length) : -1;
    const name = Delimiter && end >= 0 ? key.slice(0, end + Delimiter.length) : key;
    byName.set(name, end >= 0 ? { name } : { name, object });
  }
  return [...byName.values()].sort((a, b) => inBytes(a.name, b.name));
}

const inBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** As S3 does it: the slash stays. */
export const encoder =
  ({ EncodingType }: Listing) =>
  (text: string) =>
    EncodingType ? encodeURIComponent(text).replaceAll('%2F', '/') : text;

/** One page of what is left, as both listings describe it; `last` only if more is left. */
export function page(left: Entry[], input: Listing) {
  const { Bucket, Prefix = '', Delimiter, MaxKeys = 1000, EncodingType } = input;
  const limit = Math.min(MaxKeys, 1000);
  const shown = left.slice(0, limit);
  const last = left.length > limit ? shown.at(-1) : undefined;
  const encode = encoder(input);
  const description = {
    Name: Bucket,
    Prefix: encode(Prefix),
    Delimiter: Delimiter && encode(Delimiter),
    MaxKeys: limit,
    IsTruncated: last !== undefined,
    EncodingType,
    CommonPrefixes: shown.filter(({ object }) => !object).map(({ name }): CommonPrefix => ({ Prefix: encode(name) })),
    Contents: shown.flatMap((entry) => contents(entry, encode)),
  };
  return { last, description };
}

function contents({ name, object }: Entry, encode: (text: string) => string): _Object[] {
  if (!object) return [];
  const line: _Object = {
    Key: encode(name),
    LastModified: object.lastModified,
    ETag: object.etag,
    Size: object.body.length,
    StorageClass: 'STANDARD',
  };
  return [line];
}
