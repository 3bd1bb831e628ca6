import type { PolicyDocument, Statement } from '../../../state-machine/catalogue';

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

/** Can one action match both patterns? Each may hold `*` and `?`; IAM ignores case in actions. */
export function overlap(a: string, b: string): boolean {
  if (a === '' && b === '') return true;
  if (a[0] === '*') return overlap(a.slice(1), b) || (b !== '' && overlap(a, b.slice(1)));
  if (b[0] === '*') return overlap(b, a);
  if (a === '' || b === '') return false;
  const same = a[0] === '?' || b[0] === '?' || a[0]?.toLowerCase() === b[0]?.toLowerCase();
  return same && overlap(a.slice(1), b.slice(1));
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
