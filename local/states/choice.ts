import type { ChoiceState, Rule } from './asl';
import { RuntimeFailure } from './failures';
import { find, type Scope } from './paths';

/** One comparison; values of another type than the operator's never match. */
type Comparison = { operand: 'string' | 'number' | 'boolean'; holds(value: never, expected: never): boolean };

const numeric = (holds: (value: number, expected: number) => boolean): Comparison => ({ operand: 'number', holds });

export const COMPARISONS: Record<string, Comparison> = {
  StringEquals: { operand: 'string', holds: (value, expected) => value === expected },
  BooleanEquals: { operand: 'boolean', holds: (value, expected) => value === expected },
  NumericEquals: numeric((value, expected) => value === expected),
  NumericGreaterThan: numeric((value, expected) => value > expected),
  NumericGreaterThanEquals: numeric((value, expected) => value >= expected),
  NumericLessThan: numeric((value, expected) => value < expected),
  NumericLessThanEquals: numeric((value, expected) => value <= expected),
  IsPresent: { operand: 'boolean', holds: () => true },
};

/** The next state. */
export function choose(state: ChoiceState, scope: Scope): string {
  const next = state.Choices.find((rule) => holds(rule, scope))?.Next ?? state.Default;
  if (next !== undefined) return next;
  // Unconfirmed: the literal cause.
  throw new RuntimeFailure(
    'Failed to transition out of the state. The state does not point to a next state.',
    'States.NoChoiceMatched',
  );
}

function holds(rule: Rule, scope: Scope): boolean {
  if (rule.And) return (rule.And as Rule[]).every((inner) => holds(inner, scope));
  if (rule.Or) return (rule.Or as Rule[]).some((inner) => holds(inner, scope));
  if (rule.Not) return !holds(rule.Not as Rule, scope);
  const path = rule.Variable as string;
  const found = find(path, scope);
  if ('IsPresent' in rule) return (found !== undefined) === rule.IsPresent;
  // Unconfirmed: the literal cause.
  if (!found) {
    throw new RuntimeFailure(`Invalid path '${path}': The choice state's condition path references an invalid value.`);
  }
  return compare(rule, found.value);
}

function compare(rule: Rule, value: unknown): boolean {
  const [operator, comparison] = Object.entries(COMPARISONS).find(([name]) => name in rule)!;
  return typeof value === comparison.operand && comparison.holds(value as never, rule[operator] as never);
}
