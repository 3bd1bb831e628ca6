import { BlockList, isIP } from 'node:net';
import { type Context, fits, fitsArn, patternOf } from './patterns';

/** One operator and key of a Condition element. */
export interface Condition {
  /** As written, e.g. `ForAnyValue:StringNotLikeIfExists`. */
  operator: string;
  key: string;
  values: string[];
}

/** Does the request's value match one of the policy's? */
type Test = (actual: string, wanted: string, context: Context) => boolean;

/** Compares after conversion; what cannot be converted matches nothing. */
const compared =
  (convert: (text: string) => number, holds: (difference: number) => boolean): Test =>
  (actual, wanted) =>
    holds(convert(actual) - convert(wanted));

/** The W3C profile of ISO 8601, or epoch seconds (aws-facts-2 15.4); to the millisecond. Otherwise NaN. */
export function dateOf(text: string): number {
  const iso = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?$/;
  if (iso.test(text)) return Date.parse(text);
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Number.NaN;
}

const numberOf = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));

const inNetwork: Test = (actual, wanted) => {
  const [network = '', bits] = wanted.split('/');
  const [ours, theirs] = [isIP(actual), isIP(network)];
  if (ours === 0 || ours !== theirs) return false;
  const family = ours === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits ?? (ours === 6 ? 128 : 32)), family);
  return list.check(actual, family);
};

const arn: Test = (actual, wanted, context) => fitsArn(patternOf(wanted, context), actual);
const TESTS: Record<string, Test> = {
  StringEquals: (actual, wanted, context) => fits(patternOf(wanted, context, false), actual),
  StringEqualsIgnoreCase: (actual, wanted, context) => fits(patternOf(wanted, context, false), actual, 'i'),
  StringLike: (actual, wanted, context) => fits(patternOf(wanted, context), actual),
  ArnEquals: arn,
  ArnLike: arn,
  BinaryEquals: (actual, wanted) => actual === wanted,
  Bool: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  IpAddress: inNetwork,
};
const RELATIONS: Record<string, (difference: number) => boolean> = {
  Equals: (difference) => difference === 0,
  LessThan: (difference) => difference < 0,
  LessThanEquals: (difference) => difference <= 0,
  GreaterThan: (difference) => difference > 0,
  GreaterThanEquals: (difference) => difference >= 0,
};
for (const [relation, holds] of Object.entries(RELATIONS)) {
  TESTS[`Numeric${relation}`] = compared(numberOf, holds);
  TESTS[`Date${relation}`] = compared(dateOf, holds);
}

const NEGATIONS: Record<string, string> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
};

/** Undefined when IAM has no such operator, or when this evaluator does not know it. */
export function readOperator(name: string) {
  const [, quantifier, base = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  const positive = NEGATIONS[base] ?? base;
  const known = base === 'Null' ? !quantifier && !ifExists : Object.hasOwn(TESTS, positive);
  return known ? { quantifier, positive, negated: positive !== base, ifExists: Boolean(ifExists) } : undefined;
}

/** @throws Error for an operator that this evaluator does not know: never an allow, never silence */
export function holds({ operator: name, key, values }: Condition, context: Context): boolean {
  const operator = readOperator(name);
  if (!operator) throw new Error(`The embedded IAM does not know the condition operator ${name}`);
  const { quantifier, positive, negated, ifExists } = operator;
  const present = context.get(key.toLowerCase());
  const actual = present === undefined ? [] : [present].flat();
  if (positive === 'Null') return values.some((value) => (value.toLowerCase() === 'true') === (actual.length === 0));
  if (actual.length === 0) return ifExists || (quantifier ? quantifier === 'ForAllValues' : negated);

  const matches = (one: string) => values.some((value) => TESTS[positive]!(one, value, context)) !== negated;
  if (quantifier === 'ForAllValues') return actual.every(matches);
  if (quantifier === 'ForAnyValue') return actual.some(matches);
  // Unconfirmed: a multivalued key without a quantifier. Every value must pass where the operator is negated.
  return negated ? actual.every(matches) : actual.some(matches);
}
