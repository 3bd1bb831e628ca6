import {
  ListInstanceProfilesForRole$,
  type ListInstanceProfilesForRoleRequest,
  type ListInstanceProfilesForRoleResponse,
} from '@aws-sdk/client-iam';
import { listedProfile, page } from '../answers';
import { onRole } from '../define';

export const listInstanceProfilesForRole = onRole<
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse
>(ListInstanceProfilesForRole$, ({ key }, input, { listed }) => {
  const holding = [...listed.profiles.values()].filter(({ role }) => role === key);
  const { items, more } = page(input, holding, ({ name }) => name);
  return { InstanceProfiles: items.map((profile) => listedProfile(listed, profile)), ...more };
});
