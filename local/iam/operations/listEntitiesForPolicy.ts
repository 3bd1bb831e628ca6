import {
  ListEntitiesForPolicy$,
  type ListEntitiesForPolicyRequest,
  type ListEntitiesForPolicyResponse,
} from '@aws-sdk/client-iam';
import { holdersOf, page } from '../answers';
import { onPolicy } from '../define';

export const listEntitiesForPolicy = onPolicy<ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse>(
  ListEntitiesForPolicy$,
  (policy, input, { listed }) => {
    const { PathPrefix = '/', EntityFilter, PolicyUsageFilter: usage } = input;
    const { attached, bounded } = holdersOf(listed, policy);
    const using = { PermissionsPolicy: attached, PermissionsBoundary: bounded };
    const holders = usage ? using[usage] : [...new Set([...attached, ...bounded])];
    const kindOf = (id: string) => (id.startsWith('AROA') ? 'Role' : 'User');
    const wanted = holders
      .map((holder) => ({ ...holder, kind: kindOf(holder.id) }))
      .filter(({ kind, path }) => path.startsWith(PathPrefix) && [undefined, kind].includes(EntityFilter));
    const { items, more } = page(input, wanted, ({ kind, name }) => `${kind} ${name}`);
    const roles = items.filter(({ kind }) => kind === 'Role');
    const users = items.filter(({ kind }) => kind === 'User');
    return {
      PolicyGroups: [],
      PolicyUsers: users.map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: roles.map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      ...more,
    };
  },
);
