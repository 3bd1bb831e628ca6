import {
  ListInstanceProfileTags$,
  type ListInstanceProfileTagsRequest,
  type ListInstanceProfileTagsResponse,
} from '@aws-sdk/client-iam';
import { tagPage } from '../answers';
import { onProfile } from '../define';

export const listInstanceProfileTags = onProfile<ListInstanceProfileTagsRequest, ListInstanceProfileTagsResponse>(
  ListInstanceProfileTags$,
  tagPage,
);
