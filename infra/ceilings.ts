import { createHash } from 'node:crypto';
import type { GrantFile, PolicyDocument } from '../state-machine/catalogue';
import { ceilingGuards, inheritGuards } from './guards';
import { type Parts, policyOf, requireFit } from './sizes';

/** A permissions boundary of temp roles. Immutable: its name carries a hash of what it says. */
export interface Ceiling {
  /** `${deployment}-<grant>-<hash8>`: as in every policy here, `${deployment}` is bound where it is used. */
  name: string;
  policy: PolicyDocument;
}

/** Of a managed policy: aws-facts-2 15.5. */
const LARGEST_POLICY = 6144;

/** Exactly what a temp role of this grant may ever hold, on the role's own instance. */
export const grantCeiling = (name: string, grant: GrantFile, base: Parts): Ceiling =>
  ceiling(name, { ...base, 'the grant': grant.policy.Statement, 'the guards of a ceiling': ceilingGuards() });

/** Whatever the original role and the grant allow, but nothing that would outlive or undermine the elevation. */
export const inheritCeiling = (): Ceiling =>
  ceiling('inherit', {
    everything: [{ Sid: 'AsTheOriginalRole', Effect: 'Allow', Action: '*', Resource: '*' }],
    'the guards of a ceiling': ceilingGuards(),
    'the guards of inherit': inheritGuards(),
  });

function ceiling(name: string, parts: Parts): Ceiling {
  requireFit(`The ceiling of '${name}'`, parts, LARGEST_POLICY);
  requireOwnSids(name, parts);
  const policy = policyOf(parts);
  const text = JSON.stringify(policy);
  return { name: `\${deployment}-${name}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`, policy };
}

/** IAM refuses a policy in which two statements have one Sid. */
function requireOwnSids(name: string, parts: Parts): void {
  const sids = policyOf(parts).Statement.flatMap(({ Sid }) => Sid ?? []);
  const twice = sids.find((sid, at) => sids.indexOf(sid) !== at);
  if (twice)
    throw new Error(`Two statements in the ceiling of '${name}' have the Sid '${twice}': the grant must use another.`);
}
