import { AwsError } from '../world';
import { limitExceeded, noSuchEntity, now, QUOTAS } from './kinds';
import type { Identity, Store, UserKey } from './store';

export const NOT_ROOTS = "partial: not the keys of the account's root";

export const keysOf = ({ newest }: Store, user: Identity): UserKey[] =>
  [...newest.accessKeys.values()].filter((key) => key.user === user.key);

/** A key of this very user: those of others are as unknown. */
export function keyOf(store: Store, user: Identity, id: string): UserKey {
  const key = keysOf(store, user).find((one) => one.key === id);
  if (!key) throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
  return key;
}

/** An active key for the user, who has two at most. */
export function addKey(store: Store, user: Identity, id: string, secret: string): UserKey {
  const limit = QUOTAS.AccessKeysPerUserQuota;
  if (keysOf(store, user).length >= limit) throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${limit}`);
  const taken = id === store.rootKey.accessKeyId || store.newest.accessKeys.has(id);
  if (taken) throw new AwsError('EntityAlreadyExists', `Access Key with id ${id} already exists.`, 409);
  const key: UserKey = { key: id, user: user.key, secret, status: 'Active', created: now(store) };
  store.put('accessKeys', key);
  return key;
}
