import type { GetObjectRequest } from '@aws-sdk/client-s3';
import { AwsError, type Call } from '../world';
import { bucketArn, bucketNamed, objectArn, refuseUnsupported, type Store, type StoredObject, unquoted } from './store';

export const READING = 'partial: one range; of the conditions If-Match; no parts or versions';

type Named = Pick<GetObjectRequest, 'Bucket' | 'Key'>;

/** A missing object is 404 only to who may list the bucket, and to all others 403 (aws-facts-2 11.4). */
export function existingObject(store: Store, { world, authorize }: Call<unknown>, { Bucket = '', Key = '' }: Named) {
  const bucket = bucketNamed(store, Bucket);
  authorize('s3:GetObject', objectArn(world, Bucket, Key));
  const object = bucket.objects.get(Key);
  if (object) return object;
  authorize('s3:ListBucket', bucketArn(world, Bucket));
  throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key });
}

/** @param Condition the header's name */
export function checkMatch({ etag }: StoredObject, Condition: string, expected = '*'): void {
  if (expected === '*' || unquoted(expected) === unquoted(etag)) return;
  const message = 'At least one of the pre-conditions you specified did not hold';
  throw new AwsError('PreconditionFailed', message, 412, { Condition });
}

/** What GetObject and HeadObject have in common. */
export function readObject(store: Store, call: Call<GetObjectRequest>) {
  const { input } = call;
  refuseUnsupported(input, ['Bucket', 'Key', 'ChecksumMode', 'IfMatch', 'Range']);
  const object = existingObject(store, call, input);
  checkMatch(object, 'If-Match', input.IfMatch);
  const range = rangeOf(object.body.length, input.Range);
  return { description: describe(object, input, range), body: object.body.subarray(range?.start, range?.end) };
}

/** From `start` up to, but not including, `end`. */
interface Range {
  start: number;
  end: number;
}

/** One range, as the HTTP standard reads it: what is malformed is as if it were not there. */
function rangeOf(size: number, header = ''): Range | undefined {
  if (/^bytes=.*,/.test(header)) refuseUnsupported({ 'several ranges': header }, []);
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  if (start < end) return { start, end };
  throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416, {
    RangeRequested: header,
    ActualObjectSize: String(size),
  });
}

function describe(object: StoredObject, input: GetObjectRequest, range?: Range) {
  const { start, end } = range ?? { start: 0, end: object.body.length };
  return {
    AcceptRanges: 'bytes',
    LastModified: object.lastModified,
    ContentLength: end - start,
    ContentRange: range && `bytes ${start}-${end - 1}/${object.body.length}`,
    ETag: object.etag,
    ContentType: object.contentType,
    ContentEncoding: object.contentEncoding,
    ...object.kept,
    Metadata: object.metadata,
    ServerSideEncryption: 'AES256' as const,
    // A checksum is the whole object's.
    ...(input.ChecksumMode === 'ENABLED' && !range && object.checksum),
  };
}
