import { UntagInstanceProfile$, type UntagInstanceProfileRequest } from '@aws-sdk/client-iam';
import { onProfile } from '../define';
import { tagKeys, withoutTags } from '../tags';

export const untagInstanceProfile = onProfile<UntagInstanceProfileRequest, object>(
  UntagInstanceProfile$,
  (profile, { TagKeys }, store) => {
    store.put('profiles', { ...profile, tags: withoutTags(profile.tags, TagKeys) });
    return {};
  },
  tagKeys,
);
