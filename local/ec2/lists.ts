import type { Filter } from '@aws-sdk/client-ec2';
import { AwsError } from '../world';

/** @throws AwsError for a filter without a name or values */
export function completeFilter({ Name: name, Values: values }: Filter): { name: string; values: string[] } {
  if (name && values?.length) return { name, values };
  throw new AwsError(
    'InvalidParameterValue',
    "Invalid value 'null/empty' for 'filter'. Invalid filter - one of more name/value pair was incomplete",
  );
}

/** One page of `items`; the token is the place of the next one. */
export function page<Item>(items: Item[], maxResults = 1000, token?: string): { items: Item[]; nextToken?: string } {
  const decoded = token === undefined ? 'from:0' : Buffer.from(token, 'base64url').toString();
  const [, place] = /^from:(\d+)$/.exec(decoded) ?? [];
  if (place === undefined) throw new AwsError('InvalidNextToken', 'Pagination token is invalid');
  const end = Number(place) + Math.min(maxResults, 1000);
  const nextToken = end < items.length ? Buffer.from(`from:${end}`).toString('base64url') : undefined;
  return { items: items.slice(Number(place), end), nextToken };
}
