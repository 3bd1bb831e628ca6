import { createHash } from 'node:crypto';
import { type GrantFile, INHERIT, type PolicyDocument } from '../state-machine/catalogue';
import type { Settings } from './config';
import { GUARDS, type GuardSettings, sourceGuards } from './guards';
import { guardsOfGrant } from './guardsOfGrant';
import { ownCeiling } from './ownCeiling';
import { type Parts, policyOf, requireFit } from './sizes';

/** A permissions boundary of temp roles. Immutable: what says something else is another. */
export interface Ceiling {
  /** Of a grant, or INHERIT. */
  of: string;
  /** Of what it says. */
  hash: string;
  policy: PolicyDocument;
}

/** Of a managed policy: aws-facts-2 15.5. */
const LARGEST_POLICY = 6144;

/** Exactly what a temp role of this grant may ever hold, on the role's own instance. */
export function grantCeiling(name: string, grant: GrantFile, base: Parts, settings: GuardSettings): Ceiling {
  const parts = { ...base, 'the grant': grant.policy.Statement };
  const guards = [...sourceGuards(settings), ...guardsOfGrant(Object.values(parts).flat())];
  return ceiling(name, { ...parts, 'the guards of a ceiling': guards });
}

/** What the configuration lets an elevation keep, but nothing that would outlive or undermine it. */
export const inheritCeiling = (settings: GuardSettings & Pick<Settings, 'inheritCeiling'>): Ceiling =>
  ceiling(INHERIT, {
    inheritCeiling: ownCeiling(settings.inheritCeiling),
    'the guards of a ceiling': [...sourceGuards(settings), ...GUARDS],
  });

function ceiling(name: string, parts: Parts): Ceiling {
  requireFit(`The ceiling of '${name}'`, parts, LARGEST_POLICY);
  requireOwnSids(name, parts);
  const policy = policyOf(parts);
  const text = JSON.stringify(policy);
  return { of: name, hash: createHash('sha256').update(text).digest('hex').slice(0, 8), policy };
}

/** IAM refuses a policy in which two statements have one Sid. */
function requireOwnSids(name: string, parts: Parts): void {
  const sids = policyOf(parts).Statement.flatMap(({ Sid }) => Sid ?? []);
  const twice = sids.find((sid, at) => sids.indexOf(sid) !== at);
  if (twice)
    throw new Error(
      `Two statements in the ceiling of '${name}' have the Sid '${twice}': ${name === INHERIT ? 'inheritCeiling' : 'the grant'} must use another.`,
    );
}
