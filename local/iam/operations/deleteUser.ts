import { DeleteUser$, type DeleteUserRequest } from '@aws-sdk/client-iam';
import { onUser } from '../define';
import { keysOf } from '../keys';
import { deleteConflict } from '../kinds';

export const deleteUser = onUser<DeleteUserRequest, object>(DeleteUser$, (user, _, store) => {
  // Unconfirmed: which of several reasons comes first.
  if (keysOf(store, user).length > 0) throw deleteConflict('must delete access keys first');
  if (user.attached.length > 0) throw deleteConflict('must detach all policies first');
  if (Object.keys(user.inline).length > 0) throw deleteConflict('must delete policies first');
  store.remove('users', user.key);
  return {};
});
