import { ListObjectsV2$, type ListObjectsV2Output, type ListObjectsV2Request } from '@aws-sdk/client-s3';
import { AwsError, operation } from '../../world';
import { type Entry, encoder, entries, LISTING, LISTING_MEMBERS, listedBucket, page } from '../listing';
import { refuseUnsupported, type Store } from '../store';

const tokenOf = ({ name }: Entry) => Buffer.from(name).toString('base64');

/** The token names the last entry of the page before. */
function afterToken(all: Entry[], token?: string): Entry[] {
  if (token === undefined) return all;
  const last = all.findIndex((entry) => tokenOf(entry) === token);
  if (last < 0) throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect');
  return all.slice(last + 1);
}

export const listObjectsV2 = (store: Store) =>
  operation<ListObjectsV2Request, ListObjectsV2Output>('s3', ListObjectsV2$, LISTING, (call) => {
    const { FetchOwner, ...rest } = call.input;
    refuseUnsupported(FetchOwner ? call.input : rest, [...LISTING_MEMBERS, 'ContinuationToken', 'StartAfter']);
    const { ContinuationToken, StartAfter } = rest;
    const bucket = listedBucket(store, call);
    const left = afterToken(entries(bucket, rest, StartAfter), ContinuationToken);
    const { last, description } = page(left, rest);
    return {
      ...description,
      KeyCount: description.CommonPrefixes.length + description.Contents.length,
      ContinuationToken,
      StartAfter: StartAfter && encoder(rest)(StartAfter),
      NextContinuationToken: last && tokenOf(last),
    };
  });
