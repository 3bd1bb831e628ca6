import { holds } from './conditions';
import { type Context, fits, patternOf } from './patterns';
import type { PolicyDocument, Statement } from './policyDocument';

export interface Request {
  action: string;
  resource: string;
  context: Context;
}

/** Actions are matched without regard to case. Variables are not filled in there. */
const actionFits = (statement: Statement, action: string) =>
  statement.actions.some((pattern) => fits(patternOf(pattern, new Map()), action, 'i')) !== statement.notAction;

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

/**
 * Explicit deny, then the boundary, then the identity policies.
 * @returns why the request is refused, in AWS's words (aws-facts-2 10.6); undefined when it is allowed
 */
export function evaluate(
  policies: PolicyDocument[],
  boundary: PolicyDocument | undefined,
  request: Request,
): string | undefined {
  const some = (effect: Statement['effect'], documents: PolicyDocument[]) =>
    documents.some(({ statements }) => statements.some((one) => one.effect === effect && applies(one, request)));
  const { action } = request;
  if (some('Deny', policies)) return 'with an explicit deny in an identity-based policy';
  if (boundary && some('Deny', [boundary])) return 'with an explicit deny in a permissions boundary';
  if (boundary && !some('Allow', [boundary])) return `because no permissions boundary allows the ${action} action`;
  if (!some('Allow', policies)) return `because no identity-based policy allows the ${action} action`;
  return undefined;
}
