import { TagRole$, type TagRoleRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { requestTags, withTags } from '../tags';

export const tagRole = onRole<TagRoleRequest, object>(
  TagRole$,
  (role, { Tags }, store) => {
    store.put('roles', { ...role, tags: withTags(role.tags, Tags) });
    return {};
  },
  ({ Tags }) => requestTags(Tags),
);
