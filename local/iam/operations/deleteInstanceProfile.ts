import { DeleteInstanceProfile$, type DeleteInstanceProfileRequest } from '@aws-sdk/client-iam';
import { onProfile } from '../define';
import { deleteConflict } from '../kinds';

/** Whether an instance uses the profile is not looked at (aws-facts 2.3). */
export const deleteInstanceProfile = onProfile<DeleteInstanceProfileRequest, object>(
  DeleteInstanceProfile$,
  (profile, _, store) => {
    if (profile.role !== undefined) throw deleteConflict('must remove roles from instance profile first');
    store.remove('profiles', profile.key);
    return {};
  },
);
