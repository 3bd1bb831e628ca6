import { DeleteRolePolicy$, type DeleteRolePolicyRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { inlinePolicy } from '../policiesOf';

export const deleteRolePolicy = onRole<DeleteRolePolicyRequest, object>(DeleteRolePolicy$, (role, input, store) => {
  const { name } = inlinePolicy(role, input.PolicyName!);
  const { [name]: _, ...inline } = role.inline;
  store.put('roles', { ...role, inline });
  return {};
});
