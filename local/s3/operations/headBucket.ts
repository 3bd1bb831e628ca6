import { HeadBucket$, type HeadBucketOutput, type HeadBucketRequest } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { bucketArn, bucketNamed, refuseUnsupported, type Store } from '../store';

const SUPPORT = 'partial: no expected owner';

export const headBucket = (store: Store) =>
  operation<HeadBucketRequest, HeadBucketOutput>('s3', HeadBucket$, SUPPORT, ({ input, world, authorize }) => {
    refuseUnsupported(input, ['Bucket']);
    const { name } = bucketNamed(store, input.Bucket);
    authorize('s3:ListBucket', bucketArn(world, name));
    return { BucketRegion: world.region, AccessPointAlias: false };
  });
