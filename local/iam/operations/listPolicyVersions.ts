import {
  ListPolicyVersions$,
  type ListPolicyVersionsRequest,
  type ListPolicyVersionsResponse,
} from '@aws-sdk/client-iam';
import { page, shownVersion } from '../answers';
import { onPolicy } from '../define';

export const listPolicyVersions = onPolicy<ListPolicyVersionsRequest, ListPolicyVersionsResponse>(
  ListPolicyVersions$,
  (policy, input) => {
    const { items, more } = page(input, [policy], ({ version }) => version);
    return { Versions: items.map(shownVersion), ...more };
  },
);
