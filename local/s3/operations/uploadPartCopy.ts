import { UploadPartCopy$, type UploadPartCopyOutput, type UploadPartCopyRequest } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { checksumOf, digest } from '../checksums';
import { invalid, sourceOf } from '../copySource';
import { checkPartNumber, uploadNamed } from '../multipart';
import { checkMatch, existingObject } from '../reading';
import { bucketNamed, objectArn, refuseUnsupported, type Store } from '../store';

const SUPPORTED = ['Bucket', 'Key', 'CopySource', 'CopySourceIfMatch', 'CopySourceRange', 'PartNumber', 'UploadId'];

/** Both ends have to be given, and to lie in the object. */
function ranged(body: Uint8Array, range?: string): Uint8Array {
  if (range === undefined) return body;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range)?.map(Number) ?? [];
  const refused = (message: string) => invalid('x-amz-copy-source-range', message, range);
  if (first === undefined || last === undefined || first > last) {
    throw refused(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    );
  }
  if (last < body.length) return body.subarray(first, last + 1);
  throw refused(`Range specified is not valid for source object of size: ${body.length}`);
}

export const uploadPartCopy = (store: Store) =>
  operation<UploadPartCopyRequest, UploadPartCopyOutput>(
    's3',
    UploadPartCopy$,
    'partial: of the conditions CopySourceIfMatch; no versions or encryption settings',
    (call) => {
      const { input, world, authorize } = call;
      refuseUnsupported(input, SUPPORTED);
      const { Bucket = '', Key = '' } = input;
      const number = checkPartNumber(input.PartNumber);
      const from = sourceOf(input.CopySource);
      const bucket = bucketNamed(store, Bucket);
      authorize('s3:PutObject', objectArn(world, Bucket, Key));
      const upload = uploadNamed(bucket, Key, input.UploadId);
      const source = existingObject(store, call, from);
      checkMatch(source, 'x-amz-copy-source-If-Match', input.CopySourceIfMatch);
      const body = ranged(source.body, input.CopySourceRange);
      const { algorithm } = upload;
      const checksum = algorithm ? { [`Checksum${algorithm}`]: checksumOf(algorithm, body) } : {};
      const etag = `"${digest('md5', body).toString('hex')}"`;
      upload.parts.set(number, { body, etag, checksum });
      const CopyPartResult = { ETag: etag, LastModified: new Date(world.clock.now()), ...checksum };
      return { ServerSideEncryption: 'AES256', CopyPartResult };
    },
  );
