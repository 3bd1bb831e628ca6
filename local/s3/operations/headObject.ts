import { type GetObjectRequest, HeadObject$ } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { READING, readObject } from '../reading';
import type { Store } from '../store';

export const headObject = (store: Store) =>
  operation<GetObjectRequest, object>('s3', HeadObject$, READING, (call) => readObject(store, call).description);
