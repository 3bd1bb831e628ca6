import { GetPolicy$, type GetPolicyRequest, type GetPolicyResponse } from '@aws-sdk/client-iam';
import { wholePolicy } from '../answers';
import { onPolicy } from '../define';

export const getPolicy = onPolicy<GetPolicyRequest, GetPolicyResponse>(GetPolicy$, (policy, _, store) => ({
  Policy: wholePolicy(store.newest, policy),
}));
