import {
  CreateMultipartUpload$,
  type CreateMultipartUploadOutput,
  type CreateMultipartUploadRequest,
} from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { type Algorithm, algorithmNamed } from '../checksums';
import { attributesOf, bucketNamed, KEPT, objectArn, refuseUnsupported, type Store } from '../store';

const SUPPORTED = [
  ...['Bucket', 'Key', 'ContentEncoding', 'ContentType', 'ChecksumAlgorithm', 'ChecksumType', 'Metadata'],
  ...KEPT,
];

function algorithmOf({ ChecksumAlgorithm: name, ChecksumType }: CreateMultipartUploadRequest): Algorithm | undefined {
  if (name === undefined) {
    refuseUnsupported({ ChecksumType }, []);
    return undefined;
  }
  const algorithm = algorithmNamed(name);
  const type = algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  if (ChecksumType !== undefined && ChecksumType !== type) refuseUnsupported({ ChecksumType }, []);
  return algorithm;
}

export const createMultipartUpload = (store: Store) =>
  operation<CreateMultipartUploadRequest, CreateMultipartUploadOutput>(
    's3',
    CreateMultipartUpload$,
    "partial: as PutObject; a checksum's type is its algorithm's usual one",
    ({ input, world, authorize }) => {
      refuseUnsupported(input, SUPPORTED);
      const { Bucket = '', Key = '', ChecksumAlgorithm } = input;
      const { uploads } = bucketNamed(store, Bucket);
      authorize('s3:PutObject', objectArn(world, Bucket, Key));
      const UploadId = world.ids.secret(96).replace(/[+/]/g, '_');
      uploads.set(UploadId, { ...attributesOf(input), key: Key, algorithm: algorithmOf(input), parts: new Map() });
      return { Bucket, Key, UploadId, ChecksumAlgorithm, ServerSideEncryption: 'AES256' };
    },
  );
