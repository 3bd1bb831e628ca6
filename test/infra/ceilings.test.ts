import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildRelease } from '../../infra/catalogue';
import { grantCeiling, inheritCeiling } from '../../infra/ceilings';
import { settingsSchema } from '../../infra/config';
import { coreParts } from '../../infra/core';
import { readGrant } from '../../infra/grantFiles';
import { LONGEST, type Parts } from '../../infra/sizes';
import { bind, type GrantFile } from '../../state-machine/catalogue';
import { outputStatements } from '../../state-machine/output';
import { ofType, plain, synth } from './synth';

const settings = settingsSchema.parse({ restorableRoles: ['*'] });
const { catalogue, ceilings } = buildRelease(settings);
const core = coreParts(settings.core);
const grant = (resource: string): GrantFile => ({
  description: 'A grant',
  maxMinutes: 10,
  documents: ['AWS-RunShellScript'],
  policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: resource }] },
});

describe('ceilings', () => {
  test('one for each grant, one for inherit, which CloudFormation names', () => {
    const stack = synth();
    const policies = ofType(stack, 'AWS::IAM::ManagedPolicy').map(([, { Properties }]) => plain(Properties));
    expect(ceilings.map((it) => it.of)).toEqual(['inherit', ...Object.keys(catalogue.grants)]);
    expect(policies).toHaveLength(ceilings.length);
    for (const policy of policies) {
      expect(policy.Path).toBe('/stepup/ceilings/StepUp-<AWS::Region>/');
      expect(policy).not.toHaveProperty('ManagedPolicyName');
    }
    expect(JSON.stringify(policies)).not.toMatch(/\$\{[A-Za-z]+\}/);
  });

  test.each(ceilings)('$of: only on its own instance, and nobody without the tag', ({ policy }) => {
    const deny = policy.Statement.find(({ Sid }) => Sid === 'OnlyOnItsInstance')!;
    expect(deny).toMatchObject({ Effect: 'Deny', Action: '*', Resource: '*' });
    expect(deny.Condition).toEqual({
      ArnNotEquals: {
        'ec2:SourceInstanceARN': "${aws:PrincipalTag/stepup:instance-arn, 'arn:none:ec2:::instance/none'}",
      },
      Null: { 'ec2:SourceInstanceARN': 'false' },
      BoolIfExists: { 'aws:ViaAWSService': 'false' },
    });
  });

  test('of a grant: exactly core and the grant', () => {
    const { policy } = grantCeiling('reading', grant('arn:x'), core, settings);
    const allows = policy.Statement.filter(({ Effect }) => Effect === 'Allow');
    expect(allows).toEqual([...catalogue.core.Statement, ...grant('arn:x').policy.Statement]);
  });

  test('of inherit: everything, and all guards', () => {
    const { policy } = inheritCeiling(settings);
    expect(policy.Statement.map(({ Sid }) => Sid)).toEqual([
      'AsTheOriginalRole',
      'OnlyOnItsInstance',
      'NoIdentityChanges',
      'NoDarkness',
      'HandsOffStepUp',
      'NoAccountPolicies',
      'NoForgedMetrics',
      'NoStepUpTags',
      'NoEnrolment',
      'NoProfileSwaps',
    ]);
  });

  test('another content is another resource; the same content is the same', () => {
    const hash = (resource: string) => grantCeiling('reading', grant(resource), core, settings).hash;
    expect(hash('arn:a')).toMatch(/^[0-9a-f]{8}$/);
    expect(hash('arn:a')).toBe(hash('arn:a'));
    expect(hash('arn:a')).not.toBe(hash('arn:b'));
  });

  test('of a grant also admits every output location, and core has none of them', () => {
    const outputLocations = [{ s3: 's3://results/a' }, { s3: 's3://results/b' }, { cloudWatchLogGroup: '/jobs' }];
    const release = buildRelease({ ...settings, outputLocations });
    expect(release.catalogue.core).toEqual(catalogue.core);
    expect(release.ceilings[0]).toEqual(ceilings[0]);
    for (const { policy } of release.ceilings.slice(1)) {
      expect(policy.Statement).toEqual(expect.arrayContaining(outputStatements(outputLocations)));
    }
  });

  test('too large is said at synth, by the name of the grant and of what is large', () => {
    const large = (length: number, parts: Parts) => () =>
      grantCeiling('large', grant(`arn:${'x'.repeat(length)}`), parts, settings);
    expect(large(6000, core)).toThrow(/^The ceiling of 'large' would have up to \d{4} .* IAM allows 6144/);
    expect(large(6000, core)).toThrow(
      /The largest part is the grant \(\d{4}\), then the guards of a ceiling \(\d{3}\), then SSM core/,
    );
    const regions = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'];
    const buckets = coreParts({ ...settings.core, awsBucketsOf: [...regions, 'eu-north-1', 'eu-central-1'] });
    expect(large(1500, buckets)).toThrow(/The largest part is core.awsBucketsOf \(\d{4}\), then the grant/);
  });

  test.each(ceilings)('$of: there is room to spare', ({ policy }) => {
    const size = JSON.stringify(bind(policy, LONGEST)).length;
    expect(size).toBeLessThan(5_500);
  });

  test("the article's literal grant fits with every optional guard", () => {
    const literal = readGrant(
      join(__dirname, '..', '..', 'docs', 'grants', 'expanded-permissions-for-automation.json'),
    );
    const strict = { ...settings, sourceInstanceRequired: true, sourceVpcRequired: true };
    const { policy } = grantCeiling('literal', literal, core, strict);
    expect(JSON.stringify(bind(policy, LONGEST)).length).toBeLessThan(4_000);
  });

  test('two statements with one Sid, which IAM would refuse, are refused at synth', () => {
    const { policy, ...rest } = grant('arn:x');
    const Statement = policy.Statement.map((statement) => ({ ...statement, Sid: 'Agent' }));
    const named = { ...rest, policy: { ...policy, Statement } };
    expect(() => grantCeiling('mine', named, core, settings)).toThrow("ceiling of 'mine' have the Sid 'Agent'");
  });
});
