import { DeleteBucket$, type DeleteBucketRequest } from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../world';
import { bucketArn, bucketNamed, refuseUnsupported, type Store } from '../store';

const SUPPORT = 'partial: no expected owner';

export const deleteBucket = (store: Store) =>
  operation<DeleteBucketRequest, object>('s3', DeleteBucket$, SUPPORT, ({ input, world, authorize }) => {
    refuseUnsupported(input, ['Bucket']);
    const { name, objects } = bucketNamed(store, input.Bucket);
    authorize('s3:DeleteBucket', bucketArn(world, name));
    if (objects.size > 0) {
      const message = 'The bucket you tried to delete is not empty';
      throw new AwsError('BucketNotEmpty', message, 409, { BucketName: name });
    }
    store.delete(name);
    return {};
  });
