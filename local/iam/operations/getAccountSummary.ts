import { GetAccountSummary$, type GetAccountSummaryResponse } from '@aws-sdk/client-iam';
import { define } from '../define';
import { ownPolicies, QUOTAS } from '../kinds';

export const getAccountSummary = define<object, GetAccountSummaryResponse>(
  GetAccountSummary$,
  (call, store) => {
    call.authorize('iam:GetAccountSummary');
    const { roles, users, profiles } = store.newest;
    const used = { Roles: roles.size, Users: users.size, InstanceProfiles: profiles.size };
    return { SummaryMap: { ...QUOTAS, ...used, Policies: ownPolicies(store).length } };
  },
  'partial: roles, users, instance profiles, policies and their quotas',
);
