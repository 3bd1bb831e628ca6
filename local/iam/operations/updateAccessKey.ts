import { UpdateAccessKey$, type UpdateAccessKeyRequest } from '@aws-sdk/client-iam';
import { onUser } from '../define';
import { keyOf, NOT_ROOTS } from '../keys';

export const updateAccessKey = onUser<UpdateAccessKeyRequest, object>(
  UpdateAccessKey$,
  (user, { AccessKeyId, Status }, store) => {
    const status = Status === 'Active' ? Status : 'Inactive';
    store.put('accessKeys', { ...keyOf(store, user, AccessKeyId!), status });
    return {};
  },
  undefined,
  NOT_ROOTS,
);
