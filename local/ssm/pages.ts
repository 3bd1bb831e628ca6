import { AwsError } from '../world';
import { validate } from './state';

/** Unconfirmed: how many there are on a page of ListCommands or ListCommandInvocations that asks for no number. */
const LARGEST_PAGE = 50;

interface PageRequest {
  MaxResults?: number;
  NextToken?: string;
}

export function validatePage({ MaxResults = LARGEST_PAGE }: PageRequest): void {
  const at = 'maxResults';
  validate(
    [at, MaxResults, MaxResults >= 1, 'have value greater than or equal to 1'],
    [at, MaxResults, MaxResults <= LARGEST_PAGE, `have value less than or equal to ${LARGEST_PAGE}`],
  );
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
  const left = NextToken === undefined ? all.length : placeIn(NextToken);
  const places = [...all.keys()]
    .slice(0, left)
    .filter((place) => isWanted(all[place]!))
    .reverse();
  const shown = places.slice(0, MaxResults);
  const items = shown.map((place) => all[place]!);
  return places.length > shown.length ? { items, NextToken: tokenOf(shown.at(-1)!) } : { items };
}

const tokenOf = (place: number): string => Buffer.from(`before:${place}`).toString('base64url');

function placeIn(token: string): number {
  const [, place] = /^before:(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  // Unconfirmed: the text.
  if (place === undefined) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  return Number(place);
}
