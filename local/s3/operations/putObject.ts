import { PutObject$, type PutObjectOutput, type PutObjectRequest } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { bucketNamed, digest, objectArn, refuseUnsupported, type Store, verifiedChecksum } from '../store';

/** The wire has the whole body; a caller in-process may pass text, as to the SDK. */
type Input = Omit<PutObjectRequest, 'Body'> & { Body?: Uint8Array | string };

const SUPPORTED = [
  'Bucket',
  'Key',
  'Body',
  'ContentEncoding',
  'ContentLength',
  'ContentMD5',
  'ContentType',
  'ChecksumAlgorithm',
  'ChecksumCRC32',
  'ChecksumSHA1',
  'ChecksumSHA256',
  'Metadata',
];

export const putObject = (store: Store) =>
  operation<Input, PutObjectOutput>(
    's3',
    PutObject$,
    'partial: no ACL, tags, conditions or encryption settings; checksums CRC32, SHA1, SHA256 and Content-MD5',
    ({ input, world, authorize }) => {
      refuseUnsupported(input, SUPPORTED);
      const { Bucket = '', Key = '', Body = '' } = input;
      const { objects } = bucketNamed(store, Bucket);
      authorize('s3:PutObject', objectArn(world, Bucket, Key));
      const body = typeof Body === 'string' ? Buffer.from(Body) : Body;
      const checksum = verifiedChecksum(input, body);
      const etag = `"${digest('md5', body).toString('hex')}"`;
      objects.set(Key, {
        body,
        etag,
        checksum,
        lastModified: new Date(world.clock.now()),
        contentType: input.ContentType ?? 'binary/octet-stream',
        // aws-chunked is how it travelled, not what is stored (aws-facts-2 11.2).
        contentEncoding: input.ContentEncoding?.replace(/,?\s*aws-chunked\s*,?/, '') || undefined,
        metadata: input.Metadata ?? {},
      });
      return { ETag: etag, ServerSideEncryption: 'AES256', ...checksum };
    },
  );
