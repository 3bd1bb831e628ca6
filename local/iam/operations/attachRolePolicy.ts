import { AttachRolePolicy$, type AttachRolePolicyRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { policyKey, withAttached } from '../policiesOf';

export const attachRolePolicy = onRole<AttachRolePolicyRequest, object>(
  AttachRolePolicy$,
  (role, { PolicyArn }, store) => {
    store.put('roles', withAttached('Role', role, PolicyArn!, store.newest));
    return {};
  },
  policyKey,
);
