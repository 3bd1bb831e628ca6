import {
  CreateInstanceProfile$,
  type CreateInstanceProfileRequest,
  type CreateInstanceProfileResponse,
} from '@aws-sdk/client-iam';
import { wholeProfile } from '../answers';
import { define } from '../define';
import { create } from '../kinds';

export const createInstanceProfile = define<CreateInstanceProfileRequest, CreateInstanceProfileResponse>(
  CreateInstanceProfile$,
  (call, store) => {
    const { InstanceProfileName, Path, Tags } = call.input;
    const profile = create(store, call, 'profiles', { path: Path, name: InstanceProfileName!, tags: Tags });
    store.put('profiles', profile);
    return { InstanceProfile: wholeProfile(store.newest, profile) };
  },
);
