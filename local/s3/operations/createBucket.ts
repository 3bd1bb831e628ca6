import { CreateBucket$, type CreateBucketOutput, type CreateBucketRequest } from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../world';
import { bucketArn, refuseUnsupported, type Store } from '../store';

const NAME = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** S3 keeps these beginnings and ends to itself. */
const RESERVED = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** us-east-1 is named by the absence of a constraint. */
function checkLocation(region: string, constraint?: string): void {
  if (constraint === 'us-east-1') {
    throw new AwsError('InvalidLocationConstraint', 'The specified location-constraint is not valid');
  }
  if ((constraint ?? 'us-east-1') === region) return;
  const message = `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`;
  throw new AwsError('IllegalLocationConstraintException', message);
}

export const createBucket = (store: Store) =>
  operation<CreateBucketRequest, CreateBucketOutput>('s3', CreateBucket$, 'partial: no ACL', (call) => {
    const { input, world, authorize } = call;
    refuseUnsupported(input, ['Bucket', 'CreateBucketConfiguration']);
    const { Bucket: name = '', CreateBucketConfiguration: configuration = {} } = input;
    refuseUnsupported(configuration, ['LocationConstraint']);
    const BucketName = name;
    if (!NAME.test(name) || RESERVED.test(name)) {
      throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName });
    }
    authorize('s3:CreateBucket', bucketArn(world, name));
    checkLocation(world.region, configuration.LocationConstraint);
    if (store.has(name) && world.region !== 'us-east-1') {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw new AwsError('BucketAlreadyOwnedByYou', message, 409, { BucketName });
    }
    if (!store.has(name)) {
      store.set(name, { name, created: new Date(world.clock.now()), objects: new Map(), uploads: new Map() });
    }
    return { Location: `/${name}` };
  });
