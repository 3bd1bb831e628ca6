import { GetPolicy$, type GetPolicyRequest, type GetPolicyResponse } from '@aws-sdk/client-iam';
import { wholePolicy } from '../answers';
import { onPolicy } from '../define';

export const getPolicy = onPolicy<GetPolicyRequest, GetPolicyResponse>(GetPolicy$, (policy, _, store) => ({
  // Unlike its siblings it also says that there are no tags.
  Policy: { Tags: [], ...wholePolicy(store.newest, policy) },
}));
