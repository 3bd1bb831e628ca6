import { CreateAccessKey$, type CreateAccessKeyRequest, type CreateAccessKeyResponse } from '@aws-sdk/client-iam';
import { onUser } from '../define';
import { addKey, NOT_ROOTS } from '../keys';

export const createAccessKey = onUser<CreateAccessKeyRequest, CreateAccessKeyResponse>(
  CreateAccessKey$,
  (user, _, store) => {
    const { ids } = store.world;
    const { key, secret, status, created } = addKey(store, user, ids.accessKeyId('AKIA'), ids.secret(40));
    const AccessKey = { UserName: user.name, AccessKeyId: key, Status: status, SecretAccessKey: secret };
    return { AccessKey: { ...AccessKey, CreateDate: created } };
  },
  undefined,
  NOT_ROOTS,
);
