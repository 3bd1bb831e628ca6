import { GetUserPolicy$, type GetUserPolicyRequest, type GetUserPolicyResponse } from '@aws-sdk/client-iam';
import { encoded } from '../answers';
import { onUser } from '../define';
import { inlinePolicy } from '../policiesOf';

export const getUserPolicy = onUser<GetUserPolicyRequest, GetUserPolicyResponse>(GetUserPolicy$, (user, input) => {
  const { name, document } = inlinePolicy('User', user, input.PolicyName!);
  return { UserName: user.name, PolicyName: name, PolicyDocument: encoded(document.text) };
});
