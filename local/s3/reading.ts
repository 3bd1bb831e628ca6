import type { GetObjectRequest } from '@aws-sdk/client-s3';
import { AwsError, type Call } from '../world';
import { bucketArn, bucketNamed, objectArn, refuseUnsupported, type Store, type StoredObject } from './store';

/**
 * What GetObject and HeadObject have in common. A missing object is 404 only to who may list the bucket, and to all
 * others 403 (aws-facts-2 11.4).
 */
export function readObject(store: Store, { input, world, authorize }: Call<GetObjectRequest>): StoredObject {
  refuseUnsupported(input, ['Bucket', 'Key', 'ChecksumMode']);
  const { Bucket = '', Key = '' } = input;
  const bucket = bucketNamed(store, Bucket);
  authorize('s3:GetObject', objectArn(world, Bucket, Key));
  const object = bucket.objects.get(Key);
  if (object) return object;
  authorize('s3:ListBucket', bucketArn(world, Bucket));
  throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key });
}

export function description(object: StoredObject, input: GetObjectRequest) {
  return {
    AcceptRanges: 'bytes',
    LastModified: object.lastModified,
    ContentLength: object.body.length,
    ETag: object.etag,
    ContentType: object.contentType,
    ContentEncoding: object.contentEncoding,
    Metadata: object.metadata,
    ServerSideEncryption: 'AES256' as const,
    ...(input.ChecksumMode === 'ENABLED' && object.checksum),
  };
}
