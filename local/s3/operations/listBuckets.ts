import { ListBuckets$, type ListBucketsOutput, type ListBucketsRequest } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { refuseUnsupported, type Store } from '../store';

export const listBuckets = (store: Store) =>
  operation<ListBucketsRequest, ListBucketsOutput>('s3', ListBuckets$, 'partial: no paging', ({ input, authorize }) => {
    refuseUnsupported(input, []);
    authorize('s3:ListAllMyBuckets');
    const byName = [...store.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return { Buckets: byName.map(({ name, created }) => ({ Name: name, CreationDate: created })) };
  });
