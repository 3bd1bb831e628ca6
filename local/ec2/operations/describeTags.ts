import {
  DescribeTags$,
  type DescribeTagsRequest,
  type DescribeTagsResult,
  type TagDescription,
} from '@aws-sdk/client-ec2';
import { operation } from '../../world';
import { authorizeDescribe } from '../authorization';
import { matchesAll, unknownFilter } from '../filters';
import type { Fleet } from '../fleet';
import { checkMaxResults, page, unreadableToken } from '../lists';
import { endDryRun } from '../parameters';

type Row = Record<'Key' | 'Value' | 'ResourceId', string> & Pick<TagDescription, 'ResourceType'>;

function toReader(name: string): (row: Row) => string[] {
  if (name.startsWith('tag:')) return ({ Key, Value }) => (Key === name.slice('tag:'.length) ? [Value] : []);
  if (name === 'key') return ({ Key }) => [Key];
  if (name === 'value') return ({ Value }) => [Value];
  if (name === 'resource-id') return ({ ResourceId }) => [ResourceId];
  if (name === 'resource-type') return ({ ResourceType }) => [ResourceType!];
  throw unknownFilter(name);
}

export const describeTags = ({ instances }: Fleet) =>
  operation<DescribeTagsRequest, DescribeTagsResult>('ec2', DescribeTags$, 'partial: instances only', (call) => {
    const { Filters = [], MaxResults, NextToken } = call.input;
    // Unconfirmed: that paging is refused in the words of DescribeInstances.
    checkMaxResults(MaxResults);
    const matches = matchesAll(Filters, toReader);
    authorizeDescribe(call, 'DescribeTags');
    endDryRun(call.input);
    const rows = instances
      .list()
      .flatMap(({ id, tags }) =>
        Object.entries(tags).map(([Key, Value]): Row => ({ Key, Value, ResourceId: id, ResourceType: 'instance' })),
      );
    const { items, nextToken } = page(rows.filter(matches), MaxResults, NextToken, unreadableToken);
    return { Tags: items, NextToken: nextToken };
  });
