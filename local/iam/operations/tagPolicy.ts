import { TagPolicy$, type TagPolicyRequest } from '@aws-sdk/client-iam';
import { onPolicy } from '../define';
import { requestTags, withTags } from '../tags';

export const tagPolicy = onPolicy<TagPolicyRequest, object>(
  TagPolicy$,
  (policy, { Tags }, store) => {
    store.put('policies', { ...policy, tags: withTags(policy.tags, Tags) });
    return {};
  },
  ({ Tags }) => requestTags(Tags),
);
