import { RemoveRoleFromInstanceProfile$, type RemoveRoleFromInstanceProfileRequest } from '@aws-sdk/client-iam';
import { onProfile } from '../define';
import { namedRole, noSuchEntity } from '../kinds';

export const removeRoleFromInstanceProfile = onProfile<RemoveRoleFromInstanceProfileRequest, object>(
  RemoveRoleFromInstanceProfile$,
  (profile, { RoleName }, store) => {
    // Unconfirmed: the text when the role exists, but not in this profile.
    if (namedRole(store.newest, RoleName!).key !== profile.role) {
      throw noSuchEntity(`The role with name ${RoleName} cannot be found.`);
    }
    store.put('profiles', { ...profile, role: undefined });
    return {};
  },
);
