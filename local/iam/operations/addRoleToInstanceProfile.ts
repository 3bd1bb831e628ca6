import { AddRoleToInstanceProfile$, type AddRoleToInstanceProfileRequest } from '@aws-sdk/client-iam';
import { onProfile } from '../define';
import { limitExceeded, namedRole } from '../kinds';

export const addRoleToInstanceProfile = onProfile<AddRoleToInstanceProfileRequest, object>(
  AddRoleToInstanceProfile$,
  (profile, { RoleName }, store, call) => {
    const role = namedRole(store.newest, RoleName!);
    // aws-facts 2.6. Unconfirmed: whether iam:PassedToService is present here; absent is the stricter reading.
    call.authorize('iam:PassRole', role.arn);
    // Not idempotent: the same role once more is refused, too (aws-facts 2.3).
    if (profile.role) throw limitExceeded('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
    store.put('profiles', { ...profile, role: role.key });
    return {};
  },
);
