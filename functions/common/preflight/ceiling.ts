import type { PolicyDocument, Statement } from '../../../state-machine/catalogue';

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

const same = (a: string | undefined, b: string | undefined): boolean =>
  a === '?' || b === '?' || a?.toLowerCase() === b?.toLowerCase();

/** What a pattern begins with, up to its first wildcard. */
const beginning = (pattern: string): string => (/^[^*?]*/.exec(pattern)?.[0] ?? '').toLowerCase();

/** Most pairs are of two services: these need no closer look. */
function differFromTheStart(a: string, b: string): boolean {
  const [one, other] = [beginning(a), beginning(b)];
  return !one.startsWith(other) && !other.startsWith(one);
}

/**
 * Can one action match both patterns? Each may hold `*` and `?`; IAM ignores case in actions. `possible[j]` says whether the
 * rest of `a` and the rest of `b` from j on can match the same: filled from the ends, so that many stars cost no more.
 */
export function overlap(a: string, b: string): boolean {
  if (differFromTheStart(a, b)) return false;
  let possible = Array.from({ length: b.length + 1 }, (_, j) => /^\**$/.test(b.slice(j)));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row: boolean[] = [];
    row[b.length] = a[i] === '*' && possible[b.length] === true;
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const star = a[i] === '*' || b[j] === '*';
      row[j] = Boolean(star ? possible[j] || row[j + 1] : possible[j + 1] && same(a[i], b[j]));
    }
    possible = row;
  }
  return possible[0] === true;
}

/** Only what holds always and everywhere: a conditional or partial Deny takes something only sometimes. */
const isGeneral = ({ Condition, Resource }: Statement): boolean => !Condition && listOf(Resource).includes('*');

/**
 * The actions that a ceiling takes from policies which allow them: denied outright, or allowed nowhere in it.
 * @returns action patterns, as they stand in the policies (what is not allowed) or in the ceiling (what is denied)
 */
export function cutActions(ceiling: PolicyDocument, policies: PolicyDocument[]): string[] {
  const granted = policies.flatMap(({ Statement }) => Statement).filter(({ Effect }) => Effect === 'Allow');
  // A NotAction that allows is read as everything: whoever has it loses what the ceiling denies.
  const actions = [
    ...new Set(granted.flatMap((statement) => (statement.NotAction ? ['*'] : listOf(statement.Action)))),
  ];
  const ceilings = ceiling.Statement.filter(({ NotAction }) => !NotAction);
  const allowed = ceilings.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => listOf(Action));
  const denied = ceilings
    .filter((statement) => statement.Effect === 'Deny' && isGeneral(statement))
    .flatMap(({ Action }) => listOf(Action));
  const missing = actions.filter((action) => !allowed.some((pattern) => overlap(pattern, action)));
  const cut = denied.filter((pattern) => actions.some((action) => overlap(pattern, action)));
  return [...new Set([...missing, ...cut])];
}
