import { DeleteRole$, type DeleteRoleRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { deleteConflict } from '../kinds';

export const deleteRole = onRole<DeleteRoleRequest, object>(DeleteRole$, (role, _, store) => {
  const profiles = [...store.newest.profiles.values()];
  if (profiles.some((profile) => profile.role === role.key)) {
    throw deleteConflict('must remove roles from instance profile first');
  }
  if (role.attached.length > 0) throw deleteConflict('must detach all policies first');
  if (Object.keys(role.inline).length > 0) throw deleteConflict('must delete policies first');
  store.remove('roles', role.key);
  return {};
});
