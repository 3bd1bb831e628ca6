import { AttachUserPolicy$, type AttachUserPolicyRequest } from '@aws-sdk/client-iam';
import { onUser } from '../define';
import { policyKey, withAttached } from '../policiesOf';

export const attachUserPolicy = onUser<AttachUserPolicyRequest, object>(
  AttachUserPolicy$,
  (user, { PolicyArn }, store) => {
    store.put('users', withAttached('User', user, PolicyArn!, store.newest));
    return {};
  },
  policyKey,
);
