import { DetachUserPolicy$, type DetachUserPolicyRequest } from '@aws-sdk/client-iam';
import { onUser } from '../define';
import { policyKey, withoutAttached } from '../policiesOf';

export const detachUserPolicy = onUser<DetachUserPolicyRequest, object>(
  DetachUserPolicy$,
  (user, { PolicyArn }, store) => {
    store.put('users', withoutAttached(user, PolicyArn!));
    return {};
  },
  policyKey,
);
