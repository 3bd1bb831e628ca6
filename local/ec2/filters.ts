import type { Filter } from '@aws-sdk/client-ec2';
import { AwsError } from '../world';
import { completeFilter } from './lists';

const MOST_VALUES = 200;
/** What has a meaning in a regular expression. */
const SYNTAX = /[\\^$.*+?()[\]{}|/]/;

/** `*` and `?` are wildcards unless a backslash stands before them, and case counts. */
function toPattern(value: string): RegExp {
  const source = value.replace(/\\(.)|[\\^$.*+?()[\]{}|/]/gs, (token, escaped?: string) => {
    if (escaped !== undefined) return escaped.replace(SYNTAX, '\\$&');
    return { '*': '.*', '?': '.' }[token] ?? `\\${token}`;
  });
  return new RegExp(`^${source}$`, 'su');
}

export const unknownFilter = (name: string) => new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);

/**
 * All filters must match, each by any of its values.
 * @param toReader what a filter of that name compares: nothing where the item has no such attribute
 */
export function matchesAll<Item>(
  filters: Filter[],
  toReader: (name: string) => (item: Item) => string[],
): (item: Item) => boolean {
  const complete = filters.map(completeFilter);
  if (complete.flatMap(({ values }) => values).length > MOST_VALUES) {
    const message = `The maximum number of filter values specified on a single call is ${MOST_VALUES}`;
    throw new AwsError('FilterLimitExceeded', message);
  }
  const tests = complete.map(({ name, values }) => ({ read: toReader(name), patterns: values.map(toPattern) }));
  return (item) =>
    tests.every(({ read, patterns }) => read(item).some((value) => patterns.some((pattern) => pattern.test(value))));
}
