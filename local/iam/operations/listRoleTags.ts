import { ListRoleTags$, type ListRoleTagsRequest, type ListRoleTagsResponse } from '@aws-sdk/client-iam';
import { tagPage } from '../answers';
import { onRole } from '../define';

export const listRoleTags = onRole<ListRoleTagsRequest, ListRoleTagsResponse>(ListRoleTags$, tagPage);
