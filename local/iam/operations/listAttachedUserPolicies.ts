import {
  ListAttachedUserPolicies$,
  type ListAttachedUserPoliciesRequest,
  type ListAttachedUserPoliciesResponse,
} from '@aws-sdk/client-iam';
import { onUser } from '../define';
import { attachedPolicies } from '../policiesOf';

export const listAttachedUserPolicies = onUser<ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse>(
  ListAttachedUserPolicies$,
  (user, input, store) => attachedPolicies(user, input, store.listed),
);
