import {
  DeleteObjects$,
  type DeleteObjectsOutput,
  type DeleteObjectsRequest,
  type _Error as Failure,
} from '@aws-sdk/client-s3';
import { AwsError, type Call, operation } from '../../world';
import { checkSent, type Sent } from '../checksums';
import { bucketNamed, checkKey, malformedXml, objectArn, refuseUnsupported, type Store } from '../store';

/** A caller in-process sends no bytes. */
type Input = DeleteObjectsRequest & { Sent?: Sent };

/** Each key is authorized by itself; a denial is part of the answer. */
function denial({ world, authorize }: Call<Input>, bucket: string, Key: string): Failure | undefined {
  try {
    authorize('s3:DeleteObject', objectArn(world, bucket, Key));
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { Key, Code: error.code, Message: error.message };
  }
}

export const deleteObjects = (store: Store) =>
  operation<Input, DeleteObjectsOutput>('s3', DeleteObjects$, 'partial: as DeleteObject', (call) => {
    const { Sent, ...input } = call.input;
    refuseUnsupported(input, ['Bucket', 'ChecksumAlgorithm', 'Delete']);
    const { Objects = [], Quiet } = input.Delete ?? {};
    if (Sent) checkSent(Sent);
    if (Objects.length === 0 || Objects.length > 1000 || Objects.some(({ Key }) => !Key)) throw malformedXml();
    for (const object of Objects) refuseUnsupported(object, ['Key']);
    for (const { Key } of Objects) checkKey(Key);
    const { name, objects } = bucketNamed(store, input.Bucket);
    const [Deleted, Errors]: [{ Key: string }[], Failure[]] = [[], []];
    for (const { Key = '' } of Objects) {
      const failure = denial(call, name, Key);
      if (failure) Errors.push(failure);
      else Deleted.push({ Key });
    }
    for (const { Key } of Deleted) objects.delete(Key);
    return { Deleted: Quiet ? [] : Deleted, Errors };
  });
