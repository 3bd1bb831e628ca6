import { ListRoleTags$, type ListRoleTagsRequest, type ListRoleTagsResponse } from '@aws-sdk/client-iam';
import { page } from '../answers';
import { onRole } from '../define';
import { tagList } from '../tags';

export const listRoleTags = onRole<ListRoleTagsRequest, ListRoleTagsResponse>(ListRoleTags$, (role, input) => {
  const { items, more } = page(input, tagList(role.tags), (tag) => tag.Key);
  return { Tags: items, ...more };
});
