import { CreateAccessKey$, type CreateAccessKeyRequest, type CreateAccessKeyResponse } from '@aws-sdk/client-iam';
import { onUser } from '../define';
import { limitExceeded, now } from '../kinds';

export const createAccessKey = onUser<CreateAccessKeyRequest, CreateAccessKeyResponse>(
  CreateAccessKey$,
  (user, _, store) => {
    const own = [...store.newest.accessKeys.values()].filter((other) => other.user === user.key);
    if (own.length >= 2) throw limitExceeded('Cannot exceed quota for AccessKeysPerUser: 2');
    const { ids } = store.world;
    const [key, secret, created] = [ids.unique('AKIA'), ids.secret(40), now(store)];
    store.put('accessKeys', { key, user: user.key, secret, created });
    const AccessKey = { UserName: user.name, AccessKeyId: key, Status: 'Active' as const, SecretAccessKey: secret };
    return { AccessKey: { ...AccessKey, CreateDate: created } };
  },
);
