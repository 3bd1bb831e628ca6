import { GetObject$, type GetObjectRequest } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { READING, readObject } from '../reading';
import type { Store } from '../store';

export const getObject = (store: Store) =>
  operation<GetObjectRequest, object>('s3', GetObject$, READING, (call) => {
    const { description, body } = readObject(store, call);
    return { ...description, Body: body };
  });
