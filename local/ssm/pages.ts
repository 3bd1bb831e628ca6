import { AwsError } from '../world';
import { validate } from './state';

/** Unconfirmed: how many there are on a page of ListCommands, ListCommandInvocations or ListAssociations that asks for no number. */
export const LARGEST_PAGE = 50;

interface PageRequest {
  MaxResults?: number;
  NextToken?: string;
}

export function validatePage({ MaxResults: size }: PageRequest, largest = LARGEST_PAGE, smallest = 1): void {
  if (size === undefined) return;
  const at = 'maxResults';
  validate(
    [at, size, size >= smallest, `have value greater than or equal to ${smallest}`],
    [at, size, size <= largest, `have value less than or equal to ${largest}`],
  );
}

/** A page of `all` in the order of their keys. The token names the last item of the page before. */
export function inOrder<Item>(
  all: Item[],
  keyOf: (item: Item) => string,
  { MaxResults, NextToken }: PageRequest & { MaxResults: number },
): { items: Item[]; NextToken?: string } {
  const last = NextToken === undefined ? '' : readToken(NextToken, 'after');
  const left = all.filter((item) => keyOf(item) > last).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const items = left.slice(0, MaxResults);
  return left.length > items.length ? { items, NextToken: token('after', keyOf(items.at(-1)!)) } : { items };
}

/**
 * A page of what is wanted of `all`, which only ever grows at its end; the newest first. The token says how many are
 * older than the page, so that neither new ones nor a changed status shift the next.
 */
export function newestFirst<Item>(
  all: Item[],
  isWanted: (item: Item) => boolean,
  { MaxResults = LARGEST_PAGE, NextToken }: PageRequest,
): { items: Item[]; NextToken?: string } {
  const left = NextToken === undefined ? all.length : Number(readToken(NextToken, 'before'));
  const places = [...all.keys()]
    .slice(0, left)
    .filter((place) => isWanted(all[place]!))
    .reverse();
  const shown = places.slice(0, MaxResults);
  const items = shown.map((place) => all[place]!);
  return places.length > shown.length ? { items, NextToken: token('before', shown.at(-1)!) } : { items };
}

const token = (word: string, value: string | number) => Buffer.from(`${word}:${value}`).toString('base64url');

function readToken(text: string, word: string): string {
  const [found, ...value] = Buffer.from(text, 'base64url').toString().split(':');
  // Unconfirmed: the text.
  if (found !== word) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  return value.join(':');
}
