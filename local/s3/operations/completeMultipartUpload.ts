import {
  CompleteMultipartUpload$,
  type CompleteMultipartUploadOutput,
  type CompleteMultipartUploadRequest,
} from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { assembled, uploadNamed } from '../multipart';
import { bucketNamed, malformedXml, objectArn, refuseUnsupported, type Store } from '../store';

export const completeMultipartUpload = (store: Store) =>
  operation<CompleteMultipartUploadRequest, CompleteMultipartUploadOutput>(
    's3',
    CompleteMultipartUpload$,
    'partial: no conditions, no checksum of the whole; once only',
    ({ input, world, authorize }) => {
      refuseUnsupported(input, ['Bucket', 'Key', 'MultipartUpload', 'UploadId']);
      const { Bucket = '', Key = '', UploadId = '', MultipartUpload: { Parts = [] } = {} } = input;
      const bucket = bucketNamed(store, Bucket);
      authorize('s3:PutObject', objectArn(world, Bucket, Key));
      const upload = uploadNamed(bucket, Key, UploadId);
      if (Parts.length === 0) throw malformedXml();
      const object = assembled(upload, UploadId, Parts, new Date(world.clock.now()));
      bucket.uploads.delete(UploadId);
      bucket.objects.set(Key, object);
      const Location = `https://${Bucket}.s3.${world.region}.amazonaws.com/${encodeURIComponent(Key)}`;
      return { Location, Bucket, Key, ETag: object.etag, ServerSideEncryption: 'AES256', ...object.checksum };
    },
  );
