import { NEVER_COUNTED, ONLY_WHEN_NAMED, type PolicyDocument, type Statement } from '../../../state-machine/catalogue';
import { covers, listOf, overlap, withoutVariables } from '../../../state-machine/patterns';

/** One pair of patterns of a statement; `notActions` and `notResources` take from it. */
interface Part {
  action: string;
  resource: string;
  notActions: string[];
  notResources: string[];
  statement: Statement;
}

/** `*:*` is every action, too. */
const actions = (value: string | string[] | undefined): string[] =>
  listOf(value).map((action) => (action === '*:*' ? '*' : action));

function partsOf(statement: Statement): Part[] {
  const notActions = actions(statement.NotAction);
  const notResources = listOf(statement.NotResource);
  const resources = statement.NotResource === undefined ? listOf(statement.Resource) : ['*'];
  return (statement.NotAction === undefined ? actions(statement.Action) : ['*']).flatMap((action) =>
    resources.map((resource) => ({ action, resource, notActions, notResources, statement })),
  );
}

/** What a variable stands for is not known here: `inner` may be anything there, and `outer` covers its like only. */
const includes = (outer: string, inner: string): boolean => outer === inner || covers(outer, withoutVariables(inner));
const includesAction = (outer: string, inner: string): boolean => includes(outer.toLowerCase(), inner.toLowerCase());
const meet = (a: string, b: string): boolean => overlap(withoutVariables(a), withoutVariables(b));

/** Can there be a request that both parts are about? */
function touch(a: Part, b: Part): boolean {
  const out = (outs: string[], one: string, other: string, is: typeof includes) =>
    outs.some((pattern) => is(pattern, one) || is(pattern, other));
  return (
    meet(a.action, b.action) &&
    meet(a.resource, b.resource) &&
    !out([...a.notActions, ...b.notActions], a.action, b.action, includesAction) &&
    !out([...a.notResources, ...b.notResources], a.resource, b.resource, includes)
  );
}

/** Is `outer` about every request that `inner` is about? Conditions aside. Never true without reason. */
function contains(outer: Part, inner: Part): boolean {
  const apart = (outs: string[], lefts: string[], whole: string, is: typeof includes) =>
    outs.every((pattern) => !meet(pattern, whole) || lefts.some((left) => is(left, pattern)));
  return (
    includesAction(outer.action, inner.action) &&
    includes(outer.resource, inner.resource) &&
    apart(outer.notActions, inner.notActions, inner.action, includesAction) &&
    apart(outer.notResources, inner.notResources, inner.resource, includes)
  );
}

/** Does the condition of `own` hold whenever that of `other` does? Known only where it is part of it, word for word. */
function holdsWith({ Condition: own = {} }: Statement, { Condition: other = {} }: Statement): boolean {
  return Object.entries(own).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => JSON.stringify(values) === JSON.stringify(other[operator]?.[key])),
  );
}

/** A guard of StepUp's own things takes something that counts only from a policy which names such a thing. */
function counts(guard: Part, right: Part): boolean {
  const sid = guard.statement.Sid ?? '';
  if (NEVER_COUNTED.includes(sid)) return false;
  return !ONLY_WHEN_NAMED.includes(sid) || includes(guard.resource, right.resource);
}

/**
 * What a ceiling takes from policies which allow it: denied in the ceiling, or not allowed there. When in doubt it is taken:
 * a condition in the ceiling counts as not met, unless the policy has it, too. What a policy denies already is not lost.
 * @returns actions, as they stand in the policies or, where they are narrower there, in the ceiling; each once
 */
export function cutActions(ceiling: PolicyDocument, policies: PolicyDocument[]): string[] {
  const of = (documents: PolicyDocument[], effect: Statement['Effect']): Part[] =>
    documents.flatMap(({ Statement }) => Statement.filter(({ Effect }) => Effect === effect).flatMap(partsOf));
  const denied = of(policies, 'Deny');
  const isDenied = (...parts: Part[]) =>
    denied.some((deny) => parts.some((part) => contains(deny, part) && holdsWith(deny.statement, part.statement)));
  const allowed = of([ceiling], 'Allow');
  const guards = of([ceiling], 'Deny');
  const lost = of(policies, 'Allow')
    .filter((right) => !isDenied(right))
    .flatMap((right) => {
      if (!allowed.some((part) => contains(part, right) && holdsWith(part.statement, right.statement)))
        return [missing(right, allowed)];
      const cutting = guards.filter((guard) => touch(guard, right) && counts(guard, right) && !isDenied(guard));
      return cutting.map((guard) => (includesAction(guard.action, right.action) ? right.action : guard.action));
    });
  return [...new Set(lost)];
}

/** The resource is named where it, or a condition, is what the ceiling does not have. */
function missing({ action, resource }: Part, allowed: Part[]): string {
  const known = allowed.some((part) => includesAction(part.action, action) && part.notActions.length === 0);
  return known ? `${action} on ${resource}` : action;
}
