import { type GetObjectRequest, HeadObject$ } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { description, readObject } from '../reading';
import type { Store } from '../store';

export const headObject = (store: Store) =>
  operation<GetObjectRequest, object>('s3', HeadObject$, 'partial: no ranges, conditions or versions', (call) =>
    description(readObject(store, call), call.input),
  );
