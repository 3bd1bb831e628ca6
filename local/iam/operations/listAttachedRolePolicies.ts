import {
  ListAttachedRolePolicies$,
  type ListAttachedRolePoliciesRequest,
  type ListAttachedRolePoliciesResponse,
} from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { attachedPolicies } from '../policiesOf';

export const listAttachedRolePolicies = onRole<ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse>(
  ListAttachedRolePolicies$,
  (role, input, store) => attachedPolicies(role, input, store.listed),
);
