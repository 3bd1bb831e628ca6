import { DeleteAccessKey$, type DeleteAccessKeyRequest } from '@aws-sdk/client-iam';
import { onUser } from '../define';
import { keyOf, NOT_ROOTS } from '../keys';

export const deleteAccessKey = onUser<DeleteAccessKeyRequest, object>(
  DeleteAccessKey$,
  (user, { AccessKeyId }, store) => {
    store.remove('accessKeys', keyOf(store, user, AccessKeyId!).key);
    return {};
  },
  undefined,
  NOT_ROOTS,
);
