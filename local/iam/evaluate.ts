import { holds } from './conditions';
import { type Context, fits, patternOf } from './patterns';
import type { PolicyDocument, Statement } from './policyDocument';

export interface Request {
  action: string;
  resource: string;
  context: Context;
}

const NO_KEYS: Context = new Map();
/** Which actions a statement is about, once it was asked. */
const known = new WeakMap<Statement, Map<string, boolean>>();

/** Actions are matched without regard to case. Variables are not filled in there. */
function actionFits(statement: Statement, action: string): boolean {
  const answers = known.get(statement) ?? new Map<string, boolean>();
  known.set(statement, answers);
  const answer =
    answers.get(action) ??
    statement.actions.some((pattern) => fits(patternOf(pattern, NO_KEYS), action, 'i')) !== statement.notAction;
  answers.set(action, answer);
  return answer;
}

function resourceFits(statement: Statement, { resource, context }: Request): boolean {
  const patterns = statement.resources.map((pattern) => patternOf(pattern, context));
  // Unconfirmed: NotResource with a variable that has no value. The stricter reading, whichever the effect.
  if (statement.notResource && patterns.includes(undefined)) return statement.effect === 'Deny';
  return patterns.some((pattern) => fits(pattern, resource)) !== statement.notResource;
}

/** Trust policies have no Resource: there the role itself is meant, and `forRole` skips the comparison. */
export function applies(statement: Statement, request: Request, forRole = false): boolean {
  return (
    actionFits(statement, request.action) &&
    (forRole || resourceFits(statement, request)) &&
    statement.conditions.every((condition) => holds(condition, request.context))
  );
}

/** A policy's document, and if it is a managed one its ARN. */
type Policy = PolicyDocument & { arn?: string };

/**
 * Explicit deny, then the boundary, then the identity policies.
 * @returns why the request is refused, in AWS's words (aws-facts-2 10.6); undefined when it is allowed
 */
export function evaluate(policies: Policy[], boundary: Policy | undefined, request: Request): string | undefined {
  const having = (effect: Statement['effect']) => (policy: Policy | undefined) =>
    policy?.statements.some((one) => one.effect === effect && applies(one, request));
  const denial = (policy: Policy, kind: string) =>
    `with an explicit deny in ${kind}${policy.arn === undefined ? '' : `: ${policy.arn}`}`;
  const { action } = request;
  const denying = policies.find(having('Deny'));
  if (denying) return denial(denying, 'an identity-based policy');
  // Unconfirmed: that a boundary is named, too.
  if (boundary && having('Deny')(boundary)) return denial(boundary, 'a permissions boundary');
  if (boundary && !having('Allow')(boundary)) return `because no permissions boundary allows the ${action} action`;
  if (!policies.some(having('Allow'))) return `because no identity-based policy allows the ${action} action`;
  return undefined;
}
