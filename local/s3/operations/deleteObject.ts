import { DeleteObject$, type DeleteObjectRequest } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { bucketNamed, objectArn, refuseUnsupported, type Store } from '../store';

/** An object that is not there is as good as deleted. */
export const deleteObject = (store: Store) =>
  operation<DeleteObjectRequest, object>(
    's3',
    DeleteObject$,
    'partial: no conditions or versions',
    ({ input, world, authorize }) => {
      refuseUnsupported(input, ['Bucket', 'Key']);
      const { Bucket = '', Key = '' } = input;
      const { objects } = bucketNamed(store, Bucket);
      authorize('s3:DeleteObject', objectArn(world, Bucket, Key));
      objects.delete(Key);
      return {};
    },
  );
