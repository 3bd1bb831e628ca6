import { ListRolePolicies$, type ListRolePoliciesRequest, type ListRolePoliciesResponse } from '@aws-sdk/client-iam';
import { page } from '../answers';
import { onRole } from '../define';

export const listRolePolicies = onRole<ListRolePoliciesRequest, ListRolePoliciesResponse>(
  ListRolePolicies$,
  (role, input) => {
    const { items, more } = page(input, Object.keys(role.inline), (name) => name);
    return { PolicyNames: items, ...more };
  },
);
