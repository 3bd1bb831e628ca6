import type { World } from '../../local';

/** What a page says of the next one, and what the next one is asked with. */
const TOKENS = {
  iam: ['Marker', 'Marker'],
  s3: ['NextContinuationToken', 'ContinuationToken'],
  logs: ['nextToken', 'nextToken'],
  states: ['nextToken', 'nextToken'],
} as const;

/** All pages of a list, as the account's root. @param member of a page: the items */
export async function all<Item>(
  world: World,
  service: keyof typeof TOKENS,
  operation: string,
  member: string,
  input: object = {},
): Promise<Item[]> {
  const [given, asked] = TOKENS[service];
  const items: Item[] = [];
  let token: string | undefined;
  do {
    const page = await world.asRoot(service, operation, { ...input, [asked]: token });
    items.push(...(page[member] ?? []));
    token = page[given];
  } while (token !== undefined);
  return items;
}
