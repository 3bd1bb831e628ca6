import {
  ListAttachedRolePolicies$,
  type ListAttachedRolePoliciesRequest,
  type ListAttachedRolePoliciesResponse,
} from '@aws-sdk/client-iam';
import { page } from '../answers';
import { onRole } from '../define';

export const listAttachedRolePolicies = onRole<ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse>(
  ListAttachedRolePolicies$,
  (role, input, store) => {
    const policies = role.attached.map((arn) => store.newest.policies.get(arn)!);
    const wanted = policies.filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
    const { items, more } = page(input, wanted, ({ name }) => name);
    return { AttachedPolicies: items.map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn })), ...more };
  },
);
