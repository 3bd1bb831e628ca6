import { GetObject$, type GetObjectRequest } from '@aws-sdk/client-s3';
import { operation } from '../../world';
import { description, readObject } from '../reading';
import type { Store } from '../store';

export const getObject = (store: Store) =>
  operation<GetObjectRequest, object>('s3', GetObject$, 'partial: no ranges, conditions or versions', (call) => {
    const object = readObject(store, call);
    return { ...description(object, call.input), Body: object.body };
  });
