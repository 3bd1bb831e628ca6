import { createHash } from 'node:crypto';
import { bind, type GrantFile, type PolicyDocument, type Statement } from '../state-machine/catalogue';
import { ceilingGuards, inheritGuards } from './guards';

/** A permissions boundary of temp roles. Immutable: its name carries a hash of what it says. */
export interface Ceiling {
  /** `${deployment}-<grant>-<hash8>`: as in every policy here, `${deployment}` is bound where it is used. */
  name: string;
  policy: PolicyDocument;
}

/** Of a managed policy, blanks not counted: aws-facts-2 15.5. */
const LARGEST_POLICY = 6144;

/** The longest that the placeholders can become. */
const LONGEST = {
  partition: 'aws-us-gov',
  region: 'ap-northeast-1',
  account: '0'.repeat(12),
  deployment: 'x'.repeat(40),
};

/** Exactly core and the grant, on the role's own instance. */
export const grantCeiling = (name: string, grant: GrantFile, core: PolicyDocument): Ceiling =>
  ceiling(name, [...core.Statement, ...grant.policy.Statement, ...ceilingGuards()]);

/** Whatever the original role and the grant allow, but nothing that would outlive or undermine the elevation. */
export const inheritCeiling = (): Ceiling =>
  ceiling('inherit', [
    { Sid: 'AsTheOriginalRole', Effect: 'Allow', Action: '*', Resource: '*' },
    ...ceilingGuards(),
    ...inheritGuards(),
  ]);

function ceiling(name: string, statements: Statement[]): Ceiling {
  const policy: PolicyDocument = { Version: '2012-10-17', Statement: statements };
  const text = JSON.stringify(policy);
  const size = sizeOf(bind(policy, LONGEST));
  if (size > LARGEST_POLICY) {
    throw new Error(
      `The ceiling of '${name}' would have up to ${size} characters; a managed policy has at most ${LARGEST_POLICY}. ` +
        'Shorten the policy of the grant, or split it into two grants.',
    );
  }
  return { name: `\${deployment}-${name}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`, policy };
}

const sizeOf = (policy: PolicyDocument): number => JSON.stringify(policy).replace(/\s/g, '').length;
