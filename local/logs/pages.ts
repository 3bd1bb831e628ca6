import { invalid } from './store';

/** The items after the one that the token names, in the order of their keys. */
export function page<Item>(
  sorted: Item[],
  keyOf: (item: Item) => string,
  { limit, nextToken }: { limit: number; nextToken?: string },
): { items: Item[]; nextToken?: string } {
  const start = nextToken === undefined ? 0 : sorted.findIndex((item) => keyOf(item) === keyIn(nextToken)) + 1;
  const items = sorted.slice(start, start + limit);
  return start + limit < sorted.length ? { items, nextToken: tokenOf(keyOf(items.at(-1)!)) } : { items };
}

const tokenOf = (key: string): string => Buffer.from(`after:${key}`).toString('base64url');

function keyIn(token: string): string {
  const [, key] = /^after:(.*)$/s.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (key === undefined) throw invalid('The specified nextToken is invalid.');
  return key;
}
