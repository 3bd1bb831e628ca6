import { AbortMultipartUpload$, type AbortMultipartUploadRequest } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { uploadNamed } from '../multipart';
import { bucketNamed, objectArn, refuseUnsupported, type Store } from '../store';

export const abortMultipartUpload = (store: Store) =>
  operation<AbortMultipartUploadRequest, object>(
    's3',
    AbortMultipartUpload$,
    'partial: no conditions',
    ({ input, world, authorize }) => {
      refuseUnsupported(input, ['Bucket', 'Key', 'UploadId']);
      const { Bucket = '', Key = '', UploadId = '' } = input;
      const bucket = bucketNamed(store, Bucket);
      authorize('s3:AbortMultipartUpload', objectArn(world, Bucket, Key));
      uploadNamed(bucket, Key, UploadId);
      bucket.uploads.delete(UploadId);
      return {};
    },
  );
