import { ListAccessKeys$, type ListAccessKeysRequest, type ListAccessKeysResponse } from '@aws-sdk/client-iam';
import { page } from '../answers';
import { onUser } from '../define';
import { keysOf, NOT_ROOTS } from '../keys';

export const listAccessKeys = onUser<ListAccessKeysRequest, ListAccessKeysResponse>(
  ListAccessKeys$,
  (user, input, store) => {
    const { items, more } = page(input, keysOf(store, user), ({ key }) => key);
    const AccessKeyMetadata = items.map(({ key, status, created }) => ({
      UserName: user.name,
      AccessKeyId: key,
      Status: status,
      CreateDate: created,
    }));
    return { AccessKeyMetadata, ...more };
  },
  undefined,
  NOT_ROOTS,
);
