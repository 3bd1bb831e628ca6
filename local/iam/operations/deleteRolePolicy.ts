import { DeleteRolePolicy$, type DeleteRolePolicyRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { withoutInline } from '../policiesOf';

export const deleteRolePolicy = onRole<DeleteRolePolicyRequest, object>(DeleteRolePolicy$, (role, input, store) => {
  store.put('roles', withoutInline('Role', role, input.PolicyName!));
  return {};
});
