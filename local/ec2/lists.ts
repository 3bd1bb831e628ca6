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

/** For listings whose MaxResults has a smallest value; there is no largest one, 1000 is what a page holds. */
export function checkMaxResults(value?: number): void {
  if (value === undefined || value >= 5) return;
  const message = `Value ( ${value} ) for parameter maxResults is invalid. Expecting a value greater than 5.`;
  throw new AwsError('InvalidParameterValue', message);
}

/** For listings of instances, which take one or the other. */
export function refuseIdsWithMaxResults(ids: string[], maxResults?: number): void {
  if (ids.length === 0 || maxResults === undefined) return;
  const message = 'The parameter instancesSet cannot be used with the parameter maxResults';
  throw new AwsError('InvalidParameterCombination', message);
}

/** What most listings answer to a token that is not theirs. */
export const unreadableToken = () => new AwsError('InvalidParameterValue', 'Unable to parse pagination token');

/** One page of `items`; the token is the place of the next one. */
export function page<Item>(
  items: Item[],
  maxResults = 1000,
  token?: string,
  refuse = () => new AwsError('InvalidNextToken', 'Pagination token is invalid'),
): { items: Item[]; nextToken?: string } {
  const decoded = token === undefined ? 'from:0' : Buffer.from(token, 'base64url').toString();
  const [, place] = /^from:(\d+)$/.exec(decoded) ?? [];
  if (place === undefined) throw refuse();
  const end = Number(place) + Math.min(maxResults, 1000);
  const nextToken = end < items.length ? Buffer.from(`from:${end}`).toString('base64url') : undefined;
  return { items: items.slice(Number(place), end), nextToken };
}
