import { expect, test } from '@jest/globals';
import { applies } from '../../local/iam/evaluate';
import { identityPolicy } from '../../local/iam/policyDocument';
import { list, ofType, plain, synth } from './synth';

const ACCOUNT = '123456789012';
const [[, { Properties }] = ['', { Properties: {} }]] = ofType(synth(), 'AWS::KMS::Key');
// biome-ignore lint/suspicious/noExplicitAny: a template's statements
const statements: any[] = plain(Properties).KeyPolicy.Statement;
const denials = statements.filter(({ Effect }) => Effect === 'Deny');
/** Whom they name apart, a Deny reads like one of an identity. */
const policy = identityPolicy(
  JSON.stringify({ Version: '2012-10-17', Statement: denials.map(({ Principal: _, ...rest }) => rest) })
    .replaceAll('<AWS::Partition>', 'aws')
    .replaceAll('<AWS::AccountId>', ACCOUNT),
);

const denied = (action: string, role: string) =>
  policy.statements.some((statement) =>
    applies(statement, {
      action,
      resource: `arn:aws:kms:us-east-1:${ACCOUNT}:key/0f8fad5b`,
      context: new Map([['aws:principalarn', `arn:aws:iam::${ACCOUNT}:role/${role}`]]),
    }),
  );

test.each(['DisableKey', 'ScheduleKeyDeletion', 'PutKeyPolicy', 'CreateGrant', 'RevokeGrant', 'DisableKeyRotation'])(
  'no elevation may kms:%s the key of the alarms, and whoever else may, still may',
  (name) => {
    expect(denied(`kms:${name}`, 'stepup/elevations/i-0123456789abcdef0/other/stepup-1')).toBe(true);
    expect(denied(`kms:${name}`, 'admin')).toBe(false);
    expect(denied(`kms:${name}`, 'stepup/elsewhere')).toBe(false);
  },
);

test('it is said of everybody, so that no grant of the key is an exception', () => {
  expect(denials).toHaveLength(1);
  expect(denials[0]).toMatchObject({ Principal: { AWS: '*' }, Resource: '*' });
  expect(list(denials[0].Action)).toEqual(['kms:*']);
});
