import {
  GetInstanceProfile$,
  type GetInstanceProfileRequest,
  type GetInstanceProfileResponse,
} from '@aws-sdk/client-iam';
import { wholeProfile } from '../answers';
import { onProfile } from '../define';

export const getInstanceProfile = onProfile<GetInstanceProfileRequest, GetInstanceProfileResponse>(
  GetInstanceProfile$,
  (profile, _, store) => ({ InstanceProfile: wholeProfile(store.newest, profile) }),
);
