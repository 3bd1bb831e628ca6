import { PutRolePolicy$, type PutRolePolicyRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { withInline } from '../policiesOf';

export const putRolePolicy = onRole<PutRolePolicyRequest, object>(PutRolePolicy$, (role, input, store) => {
  store.put('roles', withInline('Role', role, input.PolicyName!, input.PolicyDocument!));
  return {};
});
