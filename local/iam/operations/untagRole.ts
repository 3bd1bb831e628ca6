import { UntagRole$, type UntagRoleRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { tagKeys, withoutTags } from '../tags';

export const untagRole = onRole<UntagRoleRequest, object>(
  UntagRole$,
  (role, { TagKeys }, store) => {
    store.put('roles', { ...role, tags: withoutTags(role.tags, TagKeys) });
    return {};
  },
  tagKeys,
);
