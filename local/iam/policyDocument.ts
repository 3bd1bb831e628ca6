import { AwsError } from '../world';
import { type Condition, dateOf, readOperator } from './conditions';
import { repeatsKey } from './policyText';
import { resourceFault } from './resources';

/** Whom a trust policy names. */
export interface NamedPrincipal {
  type: 'AWS' | 'Service';
  /** As written. */
  value: string;
  /** The role or user behind an ARN, as it was when the policy was stored (aws-facts-2 10.4). */
  id?: string;
}

export interface Statement {
  effect: 'Allow' | 'Deny';
  actions: string[];
  notAction: boolean;
  resources: string[];
  notResource: boolean;
  principals: NamedPrincipal[];
  conditions: Condition[];
}

export interface PolicyDocument {
  /** As it was sent; in a trust policy an account is its ARN. */
  text: string;
  statements: Statement[];
}

export const malformed = (message: string) => new AwsError('MalformedPolicyDocument', message);
const SYNTAX = 'Syntax errors in policy.';
const NO_VENDOR = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
const BAD_SID =
  'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*';

/** The words in which IAM refuses a policy of each kind. */
const IDENTITY = { notJson: 'The policy is not in the valid JSON format.', version: SYNTAX };
const TRUST = {
  notJson: 'This policy contains invalid Json',
  version: 'The policy must contain a valid version string',
};

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const onlyHas = (value: Json, ...names: string[]) => Object.keys(value).every((name) => names.includes(name));

/** A string or a list of strings, which may be absent; conditions may also hold numbers and truth values. */
function strings(value: unknown, ...others: string[]): string[] {
  const list = value === undefined ? [] : [value].flat();
  if (!list.every((item) => ['string', ...others].includes(typeof item))) throw malformed(SYNTAX);
  return list.map(String);
}

const MOST_KEPT = 500;
const kept = new Map<string, PolicyDocument>();

/** Reads and checks an identity policy, the same text once. @throws AwsError MalformedPolicyDocument */
export function identityPolicy(text: string): PolicyDocument {
  const document = kept.get(text) ?? readIdentityPolicy(text);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(text, document);
  return document;
}

function readIdentityPolicy(text: string): PolicyDocument {
  return read(text, IDENTITY, (raw, statement) => {
    if (!/^[0-9A-Za-z]*$/.test(String(raw.Sid ?? ''))) throw malformed(BAD_SID);
    if (raw.Principal || raw.NotPrincipal) throw malformed('Policy document should not specify a principal.');
    if (statement.resources.length === 0) throw malformed('Policy statement must contain resources.');
    for (const resource of statement.resources) {
      const fault = resourceFault(resource);
      if (fault !== undefined) throw malformed(fault);
    }
    return statement;
  });
}

/** Reads and checks a role's trust policy. `idOf`: the unique id behind a principal; undefined when there is none. */
export function trustPolicy(text: string, idOf: (principal: NamedPrincipal) => string | undefined): PolicyDocument {
  return read(text, TRUST, (raw, statement) => {
    if (raw.Resource || raw.NotResource) throw malformed('Has prohibited field Resource');
    if (raw.NotPrincipal) throw malformed('The embedded IAM does not support NotPrincipal');
    if (raw.Principal === undefined) throw malformed('Missing required field Principal');
    // Unconfirmed: that `*` is refused, too.
    if (!statement.actions.every((action) => /^sts:/i.test(action))) {
      throw malformed('AssumeRole policy may only specify STS AssumeRole actions.');
    }
    const principals = principalsOf(raw.Principal).map((principal) => ({ ...principal, id: idOf(principal) }));
    if (principals.length === 0) throw malformed('Missing required field Principal cannot be empty!');
    return { ...statement, principals };
  });
}

function principalsOf(raw: unknown): NamedPrincipal[] {
  if (raw === '*') return [{ type: 'AWS', value: '*' }];
  if (!isObject(raw)) throw malformed(SYNTAX);
  if (!onlyHas(raw, 'AWS', 'Service')) throw malformed('The embedded IAM knows the principals AWS and Service only');
  return (['AWS', 'Service'] as const).flatMap((type) => strings(raw[type]).map((value) => ({ type, value })));
}

function parse(text: string, notJson: string): unknown {
  if (/^\s/.test(text)) throw malformed('JSON strings must not have leading spaces');
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(notJson);
  }
}

function read(
  text: string,
  refusals: typeof IDENTITY,
  check: (raw: Json, statement: Statement) => Statement,
): PolicyDocument {
  const policy = parse(text, refusals.notJson);
  // Unconfirmed: that a repeated key is refused, and in which words.
  if (repeatsKey(text)) throw malformed(SYNTAX);
  if (!isObject(policy) || !onlyHas(policy, 'Version', 'Id', 'Statement')) throw malformed(SYNTAX);
  if (![undefined, '2008-10-17', '2012-10-17'].includes(policy.Version as string)) throw malformed(refusals.version);
  const list = [policy.Statement ?? []].flat();
  if (list.length === 0 || !list.every(isObject)) throw malformed(SYNTAX);
  const sids = list.flatMap(({ Sid }) => strings(Sid)).filter(Boolean);
  if (new Set(sids).size < sids.length) throw malformed('Statement IDs (SID) in a single policy must be unique.');
  const variables = policy.Version === '2012-10-17';
  return { text, statements: list.map((raw) => check(raw, statementOf(raw, variables))) };
}

function statementOf(raw: Json, variables: boolean): Statement {
  const fields = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource'];
  if (!onlyHas(raw, ...fields, 'Condition')) throw malformed(SYNTAX);
  if (raw.Effect !== 'Allow' && raw.Effect !== 'Deny') throw malformed(SYNTAX);
  if ((raw.Action && raw.NotAction) || (raw.Resource && raw.NotResource)) throw malformed(SYNTAX);
  // Before 2012-10-17 there were no variables: `${` is text, which today's language writes as `${$}{`.
  const texts = (value: unknown) => strings(value).map((text) => (variables ? text : text.replaceAll('${', '${$}{')));
  const actions = strings(raw.Action ?? raw.NotAction);
  if (actions.length === 0) throw malformed('Policy statement must contain actions.');
  if (!actions.every((action) => /^(\*|\*:\*|[\w-]+:[\w*?]+)$/.test(action))) {
    throw malformed(NO_VENDOR);
  }
  return {
    effect: raw.Effect,
    actions,
    notAction: raw.NotAction !== undefined,
    resources: texts(raw.Resource ?? raw.NotResource),
    notResource: raw.NotResource !== undefined,
    principals: [],
    conditions: conditionsOf(raw.Condition ?? {}, texts),
  };
}

function conditionsOf(raw: unknown, texts: (value: unknown) => string[]): Condition[] {
  if (!isObject(raw)) throw malformed(SYNTAX);
  return Object.entries(raw).flatMap(([operator, keys]) => {
    const known = readOperator(operator);
    if (!known) throw malformed(`Invalid Condition type : ${operator}.`);
    if (!isObject(keys)) throw malformed(SYNTAX);
    return Object.entries(keys).map(([key, value]) => {
      if (!key.includes(':')) throw malformed(NO_VENDOR);
      const values = texts(strings(value, 'number', 'boolean'));
      // IAM refuses malformed dates when storing (aws-facts-2 15.4).
      if (known.positive.startsWith('Date') && values.some((date) => Number.isNaN(dateOf(date)))) {
        throw malformed('The policy failed legacy parsing');
      }
      return { operator, key, values };
    });
  });
}
