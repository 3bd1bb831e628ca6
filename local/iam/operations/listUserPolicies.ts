import { ListUserPolicies$, type ListUserPoliciesRequest, type ListUserPoliciesResponse } from '@aws-sdk/client-iam';
import { onUser } from '../define';
import { inlineNames } from '../policiesOf';

export const listUserPolicies = onUser<ListUserPoliciesRequest, ListUserPoliciesResponse>(
  ListUserPolicies$,
  inlineNames,
);
