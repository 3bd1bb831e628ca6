import { DetachRolePolicy$, type DetachRolePolicyRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { policyKey, withoutAttached } from '../policiesOf';

export const detachRolePolicy = onRole<DetachRolePolicyRequest, object>(
  DetachRolePolicy$,
  (role, { PolicyArn }, store) => {
    store.put('roles', withoutAttached(role, PolicyArn!));
    return {};
  },
  policyKey,
);
