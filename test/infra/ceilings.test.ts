import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildRelease } from '../../infra/catalogue';
import { grantCeiling, inheritCeiling } from '../../infra/ceilings';
import { corePolicy } from '../../infra/core';
import type { GrantFile } from '../../state-machine/catalogue';
import { ofType, plain, synth } from './synth';

const SETTINGS = { grantsFolder: join(__dirname, '..', '..', 'infra', 'grants'), outputLocations: [], inherit: true };
const { catalogue, ceilings } = buildRelease(SETTINGS);
const grant = (resource: string): GrantFile => ({
  description: 'A grant',
  maxMinutes: 10,
  documents: ['AWS-RunShellScript'],
  policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: resource }] },
});

describe('ceilings', () => {
  test('one for each grant, one for inherit, under their names in the template', () => {
    const stack = synth();
    const policies = ofType(stack, 'AWS::IAM::ManagedPolicy').map(([, { Properties }]) => plain(Properties));
    const expected = ceilings.map(({ name }) => name.replace('${deployment}', 'StepUp-<AWS::Region>'));
    expect(policies.map(({ ManagedPolicyName }) => ManagedPolicyName)).toEqual(expected);
    for (const { Path } of policies) expect(Path).toBe('/stepup/ceilings/StepUp-<AWS::Region>/');
    expect(Object.values(catalogue.grants).map(({ ceiling }) => ceiling)).toEqual(
      ceilings.slice(1).map(({ name }) => name),
    );
    expect(JSON.stringify(policies)).not.toMatch(/\$\{[A-Za-z]+\}/);
  });

  test.each(ceilings)('$name: only on its own instance, and nobody without the tag', ({ policy }) => {
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
    const { policy } = grantCeiling('reading', grant('arn:x'), corePolicy([]));
    const allows = policy.Statement.filter(({ Effect }) => Effect === 'Allow');
    expect(allows).toEqual([...corePolicy([]).Statement, ...grant('arn:x').policy.Statement]);
  });

  test('of inherit: denies what would outlive or undermine the elevation', () => {
    const denied = inheritCeiling().policy.Statement.filter(({ Effect }) => Effect === 'Deny');
    expect(denied.map(({ Sid }) => Sid)).toEqual([
      'OnlyOnItsInstance',
      'NoIdentityChanges',
      'HandsOffStepUp',
      'NoStepUpTags',
      'NoDarkness',
    ]);
  });

  test('another content is another name; the same content is the same name', () => {
    const name = (resource: string) => grantCeiling('reading', grant(resource), corePolicy([])).name;
    expect(name('arn:a')).toMatch(/^\$\{deployment\}-reading-[0-9a-f]{8}$/);
    expect(name('arn:a')).toBe(name('arn:a'));
    expect(name('arn:a')).not.toBe(name('arn:b'));
  });

  test('too large is said at synth, by the name of the grant', () => {
    expect(() => grantCeiling('large', grant(`arn:${'x'.repeat(6000)}`), corePolicy([]))).toThrow("ceiling of 'large'");
  });
});
