import { ListPolicies$, type ListPoliciesRequest, type ListPoliciesResponse } from '@aws-sdk/client-iam';
import { byNameAndArn, holdersOf, listedPolicy, page } from '../answers';
import { define } from '../define';
import { arnOf, isOwn } from '../kinds';

export const listPolicies = define<ListPoliciesRequest, ListPoliciesResponse>(ListPolicies$, (call, store) => {
  const { Scope = 'All', OnlyAttached = false, PathPrefix = '/', PolicyUsageFilter: usage } = call.input;
  call.authorize('iam:ListPolicies', arnOf(store.world, 'policies', PathPrefix));
  const wanted = [...store.listed.policies.values()].filter((policy) => {
    const { attached, bounded } = holdersOf(store.listed, policy);
    const inScope = Scope === 'All' || (Scope === 'Local') === isOwn(store, policy);
    // Unconfirmed: that a usage asks for policies in use, also without OnlyAttached.
    const inUse = usage === undefined || (usage === 'PermissionsPolicy' ? attached : bounded).length > 0;
    return inScope && inUse && policy.path.startsWith(PathPrefix) && (!OnlyAttached || attached.length > 0);
  });
  const { items, more } = page(call.input, wanted, byNameAndArn);
  return { Policies: items.map((policy) => listedPolicy(store.listed, policy)), ...more };
});
