import { ListInstanceProfiles$ } from '@aws-sdk/client-iam';
import { listedProfile } from '../answers';
import { list } from '../define';

export const listInstanceProfiles = list(ListInstanceProfiles$, 'profiles', 'InstanceProfiles', (profile, state) =>
  listedProfile(state, profile),
);
