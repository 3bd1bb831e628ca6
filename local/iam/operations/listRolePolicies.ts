import { ListRolePolicies$, type ListRolePoliciesRequest, type ListRolePoliciesResponse } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { inlineNames } from '../policiesOf';

export const listRolePolicies = onRole<ListRolePoliciesRequest, ListRolePoliciesResponse>(
  ListRolePolicies$,
  inlineNames,
);
