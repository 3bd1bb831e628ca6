import { DeleteUserPolicy$, type DeleteUserPolicyRequest } from '@aws-sdk/client-iam';
import { onUser } from '../define';
import { withoutInline } from '../policiesOf';

export const deleteUserPolicy = onUser<DeleteUserPolicyRequest, object>(DeleteUserPolicy$, (user, input, store) => {
  store.put('users', withoutInline('User', user, input.PolicyName!));
  return {};
});
