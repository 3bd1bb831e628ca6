import { UpdateAssumeRolePolicy$, type UpdateAssumeRolePolicyRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { storableTrust } from '../trust';

export const updateAssumeRolePolicy = onRole<UpdateAssumeRolePolicyRequest, object>(
  UpdateAssumeRolePolicy$,
  (role, { PolicyDocument }, store) => {
    store.put('roles', { ...role, trust: storableTrust(store, PolicyDocument!) });
    return {};
  },
);
