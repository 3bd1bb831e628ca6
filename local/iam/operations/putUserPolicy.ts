import { PutUserPolicy$, type PutUserPolicyRequest } from '@aws-sdk/client-iam';
import { onUser } from '../define';
import { withInline } from '../policiesOf';

export const putUserPolicy = onUser<PutUserPolicyRequest, object>(PutUserPolicy$, (user, input, store) => {
  store.put('users', withInline('User', user, input.PolicyName!, input.PolicyDocument!));
  return {};
});
