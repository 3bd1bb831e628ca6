import { PutObject$, type PutObjectOutput, type PutObjectRequest } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { CHECKSUM_MEMBERS, digest, verifiedChecksum } from '../checksums';
import { attributesOf, bucketNamed, KEPT, objectArn, refuseUnsupported, type Store } from '../store';

/** The wire has the whole body; a caller in-process may pass text, as to the SDK. */
type Input = Omit<PutObjectRequest, 'Body'> & { Body?: Uint8Array | string };

const SUPPORTED = [
  'Bucket',
  'Key',
  'Body',
  ...KEPT,
  'ContentEncoding',
  'ContentLength',
  'ContentMD5',
  'ContentType',
  'ChecksumAlgorithm',
  ...CHECKSUM_MEMBERS,
  'Metadata',
];

export const putObject = (store: Store) =>
  operation<Input, PutObjectOutput>(
    's3',
    PutObject$,
    'partial: no ACL, tags, storage class, redirect, lock, expected owner, conditions or encryption settings; Expires must be a time; checksums CRC32, CRC64NVME, SHA1, SHA256 and Content-MD5',
    ({ input, world, authorize }) => {
      refuseUnsupported(input, SUPPORTED);
      const { Bucket = '', Key = '', Body = '' } = input;
      const { objects } = bucketNamed(store, Bucket);
      authorize('s3:PutObject', objectArn(world, Bucket, Key));
      const body = typeof Body === 'string' ? Buffer.from(Body) : Body;
      const checksum = verifiedChecksum(input, body);
      const etag = `"${digest('md5', body).toString('hex')}"`;
      const lastModified = new Date(world.clock.now());
      objects.set(Key, { ...attributesOf(input), body, etag, checksum, lastModified });
      return { ETag: etag, ServerSideEncryption: 'AES256', ...checksum };
    },
  );
