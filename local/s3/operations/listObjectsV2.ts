import { type _Object, ListObjectsV2$, type ListObjectsV2Output, type ListObjectsV2Request } from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../world';
import { type Bucket, bucketArn, bucketNamed, refuseUnsupported, type Store, type StoredObject } from '../store';

const SUPPORTED = ['Bucket', 'Prefix', 'Delimiter', 'MaxKeys', 'ContinuationToken', 'StartAfter', 'EncodingType'];

/** A line of the listing: an object, or all objects that share a prefix up to the delimiter. */
interface Entry {
  name: string;
  object?: StoredObject;
}

function entries({ objects }: Bucket, { Prefix = '', Delimiter, StartAfter = '' }: ListObjectsV2Request): Entry[] {
  const byName = new Map<string, Entry>();
  for (const [key, object] of objects) {
    if (!key.startsWith(Prefix) || (StartAfter && key <= StartAfter)) continue;
    const end = Delimiter ? key.indexOf(Delimiter, Prefix.length) : -1;
    const name = Delimiter && end >= 0 ? key.slice(0, end + Delimiter.length) : key;
    byName.set(name, end >= 0 ? { name } : { name, object });
  }
  return [...byName.values()].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

/** The token names the last entry of the page before. */
function afterToken(all: Entry[], token?: string): Entry[] {
  if (token === undefined) return all;
  const last = all.findIndex(({ name }) => Buffer.from(name).toString('base64') === token);
  if (last < 0) throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect');
  return all.slice(last + 1);
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

export const listObjectsV2 = (store: Store) =>
  operation<ListObjectsV2Request, object>(
    's3',
    ListObjectsV2$,
    'partial: no owners, no checksums',
    ({ input, world, authorize }) => {
      const { FetchOwner, ...rest } = input;
      refuseUnsupported(FetchOwner ? input : rest, SUPPORTED);
      const bucket = bucketNamed(store, input.Bucket);
      const { Prefix, Delimiter, MaxKeys, EncodingType } = input;
      if (EncodingType !== undefined && EncodingType !== 'url') {
        throw new AwsError('InvalidArgument', 'Invalid Encoding Method specified in Request');
      }
      authorize('s3:ListBucket', bucketArn(world, bucket.name), {
        's3:prefix': Prefix,
        's3:delimiter': Delimiter,
        's3:max-keys': MaxKeys?.toString(),
      });
      const limit = Math.min(MaxKeys ?? 1000, 1000);
      const left = afterToken(entries(bucket, input), input.ContinuationToken);
      const page = left.slice(0, limit);
      const last = page.at(-1);
      const truncated = last !== undefined && left.length > limit;
      // As S3 does it: the slash stays.
      const encode = (text: string) => (EncodingType ? encodeURIComponent(text).replaceAll('%2F', '/') : text);
      const output: ListObjectsV2Output = {
        Name: bucket.name,
        Prefix: encode(Prefix ?? ''),
        Delimiter: Delimiter && encode(Delimiter),
        MaxKeys: limit,
        KeyCount: page.length,
        IsTruncated: truncated,
        EncodingType,
        ContinuationToken: input.ContinuationToken,
        StartAfter: input.StartAfter && encode(input.StartAfter),
        NextContinuationToken: truncated ? Buffer.from(last.name).toString('base64') : undefined,
        CommonPrefixes: page.filter(({ object }) => !object).map(({ name }) => ({ Prefix: encode(name) })),
        Contents: page.flatMap((entry) => contents(entry, encode)),
      };
      return output;
    },
  );
