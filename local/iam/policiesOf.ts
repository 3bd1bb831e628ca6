import type { ConditionContext } from '../world';
import { byNameAndArn, type Paging, page } from './answers';
import { checkSize, limitExceeded, noSuchEntity, noSuchPolicy, QUOTAS } from './kinds';
import { identityPolicy, type PolicyDocument } from './policyDocument';
import type { Identity, State } from './store';

export const policyKey = ({ PolicyArn }: { PolicyArn?: string }): ConditionContext => ({ 'iam:PolicyARN': PolicyArn });

type Word = 'Role' | 'User';

/** An inline policy under its stored spelling. */
export function inlinePolicy(
  word: Word,
  { inline }: Identity,
  name: string,
): { name: string; document: PolicyDocument } {
  const stored = Object.entries(inline).find(([other]) => other.toLowerCase() === name.toLowerCase());
  if (!stored) throw noSuchEntity(`The ${word.toLowerCase()} policy with name ${name} cannot be found.`);
  return { name: stored[0], document: stored[1] };
}

export function withoutInline<I extends Identity>(word: Word, identity: I, name: string): I {
  const { [inlinePolicy(word, identity, name).name]: _, ...inline } = identity.inline;
  return { ...identity, inline };
}

export function inlineNames({ inline }: Identity, input: Paging) {
  const { items, more } = page(input, Object.keys(inline), (name) => name);
  return { PolicyNames: items, ...more };
}

export function withInline<I extends Identity>(word: Word, identity: I, name: string, text: string): I {
  const stored = Object.keys(identity.inline).find((other) => other.toLowerCase() === name.toLowerCase());
  const inline = { ...identity.inline, [stored ?? name]: identityPolicy(text) };
  const limit = QUOTAS[`${word}PolicySizeQuota`];
  const texts = Object.values(inline).map((document) => document.text);
  checkSize(texts, limit, `Maximum policy size of ${limit} bytes exceeded for ${word.toLowerCase()} ${identity.name}`);
  return { ...identity, inline };
}

export function withAttached<I extends Identity>(word: Word, identity: I, arn: string, state: State): I {
  if (!state.policies.has(arn)) throw noSuchPolicy(arn, `Policy ${arn} does not exist or is not attachable.`);
  if (identity.attached.includes(arn)) return identity;
  const limit = QUOTAS[`AttachedPoliciesPer${word}Quota`];
  if (identity.attached.length >= limit) throw limitExceeded(`Cannot exceed quota for PoliciesPer${word}: ${limit}`);
  return { ...identity, attached: [...identity.attached, arn] };
}

export function withoutAttached<I extends Identity>(identity: I, arn: string): I {
  if (!identity.attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
  return { ...identity, attached: identity.attached.filter((other) => other !== arn) };
}

export function attachedPolicies({ attached }: Identity, input: Paging & { PathPrefix?: string }, state: State) {
  const policies = attached.map((arn) => state.policies.get(arn)!);
  const wanted = policies.filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
  const { items, more } = page(input, wanted, byNameAndArn);
  return { AttachedPolicies: items.map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn })), ...more };
}

export function checkBoundary(state: State, arn: string | undefined): void {
  if (arn === undefined || state.policies.has(arn)) return;
  throw noSuchPolicy(arn, `Scope ARN: ${arn} does not exist or is not attachable.`);
}
