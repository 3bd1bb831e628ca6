import { GetRolePolicy$, type GetRolePolicyRequest, type GetRolePolicyResponse } from '@aws-sdk/client-iam';
import { encoded } from '../answers';
import { onRole } from '../define';
import { inlinePolicy } from '../policiesOf';

export const getRolePolicy = onRole<GetRolePolicyRequest, GetRolePolicyResponse>(GetRolePolicy$, (role, input) => {
  const { name, document } = inlinePolicy('Role', role, input.PolicyName!);
  return { RoleName: role.name, PolicyName: name, PolicyDocument: encoded(document.text) };
});
