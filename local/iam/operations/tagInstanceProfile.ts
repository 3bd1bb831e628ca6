import { TagInstanceProfile$, type TagInstanceProfileRequest } from '@aws-sdk/client-iam';
import { onProfile } from '../define';
import { requestTags, withTags } from '../tags';

export const tagInstanceProfile = onProfile<TagInstanceProfileRequest, object>(
  TagInstanceProfile$,
  (profile, { Tags }, store) => {
    store.put('profiles', { ...profile, tags: withTags(profile.tags, Tags) });
    return {};
  },
  ({ Tags }) => requestTags(Tags),
);
