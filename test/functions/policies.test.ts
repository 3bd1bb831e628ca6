import { describe, expect, test } from '@jest/globals';
import { parseExecution } from '../../functions/common/names';
import { ceilingName, ec2Trust, grantOf, localise, requireCeiling } from '../../functions/common/policies';
import { type Catalogue, expiring, type PolicyDocument, type Statement } from '../../state-machine/catalogue';
import { nearest } from '../../state-machine/nearest';

const EXPIRES = '2026-01-05T09:35:00.000Z';

const policy = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
const allow = (more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: '*',
  ...more,
});

const catalogue = (more: Partial<Catalogue> = {}): Catalogue => ({
  grants: {
    deploy: {
      description: 'd',
      maxMinutes: 60,
      documents: [],
      policy: policy(allow()),
    },
  },
  core: policy(allow()),
  inherit: { policy: policy(allow()) },
  ...more,
});

describe('a grant that expires', () => {
  test('each Allow ends then', () => {
    const { Statement } = expiring(policy(allow(), allow({ Sid: 'Two' })), EXPIRES);
    const Condition = { DateLessThan: { 'aws:CurrentTime': EXPIRES } };
    expect(Statement).toEqual([allow({ Condition }), allow({ Sid: 'Two', Condition })]);
  });

  test('other conditions stay, other dates too', () => {
    const Condition = {
      StringLike: { 's3:prefix': 'data/*' },
      DateLessThan: { 'aws:TokenIssueTime': '2030-01-01T00:00:00Z' },
    };
    expect(expiring(policy(allow({ Condition })), EXPIRES).Statement[0]?.Condition).toEqual({
      StringLike: { 's3:prefix': 'data/*' },
      DateLessThan: { 'aws:TokenIssueTime': '2030-01-01T00:00:00Z', 'aws:CurrentTime': EXPIRES },
    });
  });

  test('a Deny never ends', () => {
    const deny = allow({ Effect: 'Deny' });
    expect(expiring(policy(deny), EXPIRES).Statement).toEqual([deny]);
  });

  test('the catalogue itself is not changed', () => {
    const grant = policy(allow());
    expiring(grant, EXPIRES);
    expect(grant).toEqual(policy(allow()));
  });
});

test("a policy gets the run's partition, region and account; IAM's own variables stay", () => {
  const id = parseExecution('arn:aws-cn:states:cn-north-1:123456789012:execution:m:n');
  const Resource = 'arn:${partition}:s3:${region}:${account}:b/${aws:PrincipalTag/team}/${other}';
  expect(localise(policy(allow({ Resource })), id).Statement[0]?.Resource).toBe(
    'arn:aws-cn:s3:cn-north-1:123456789012:b/${aws:PrincipalTag/team}/${other}',
  );
});

describe('a grant by its name', () => {
  test.each(['toString', 'constructor', '__proto__'])("'%s' is what every object has, and no grant", (name) => {
    expect(() => grantOf(catalogue(), name)).toThrow(expect.objectContaining({ name: 'GrantNotFound' }));
  });

  test('a catalogue without grants says so', () => {
    expect(() => grantOf(catalogue({ grants: {} }), 'deploy')).toThrow('This release has: none.');
  });

  test.each([
    ['deply', 'deploy'],
    ['depoly', 'deploy'],
    ['run-re', 'run-remote-script'],
    ['run', undefined],
    ['Deploy', 'deploy'],
    ['deploy-all', undefined],
    ['', undefined],
    ['zzz', undefined],
  ])("to '%s' the nearest is %s", (word, expected) => {
    expect(nearest(word, ['deploy', 'run-remote-script'])).toBe(expected);
  });

  test('among nothing, none is near', () => expect(nearest('deploy', [])).toBeUndefined());
});

describe('the ceiling of a request', () => {
  test.each([
    ['core', 'deploy'],
    ['inherit', 'inherit'],
  ] as const)('with baseline %s', (baseline, of) => {
    expect(requireCeiling(catalogue(), { grant: 'deploy', baseline })).toBe(of);
  });

  test.each(['core', 'inherit'] as const)('with baseline %s there is none of a grant that is not there', (baseline) => {
    const ask = () => requireCeiling(catalogue(), { grant: 'inherit', baseline });
    expect(ask).toThrow(expect.objectContaining({ name: 'GrantNotFound' }));
  });

  test('has the name that its release knows, and no other', () => {
    expect(ceilingName({ deploy: 'StepUp-Ceiling-1ABC' }, 'deploy')).toBe('StepUp-Ceiling-1ABC');
    for (const of of ['inherit', 'toString'])
      expect(() => ceilingName({ deploy: 'x' }, of)).toThrow(`no ceiling of '${of}': deploy it again`);
  });

  test('where inherit is switched off: RequestInvalid, and what to ask for', () => {
    const ask = () => requireCeiling(catalogue({ inherit: null }), { grant: 'deploy', baseline: 'inherit' });
    expect(ask).toThrow(expect.objectContaining({ name: 'RequestInvalid' }));
    expect(ask).toThrow('"baseline": "core"');
  });
});

describe('the trust of a temp role', () => {
  test.each([
    ['aws', 'ec2.amazonaws.com'],
    ['aws-cn', 'ec2.amazonaws.com.cn'],
    ['aws-us-gov', 'ec2.amazonaws.com'],
    // Their own suffixes are others: amazonaws.eu, c2s.ic.gov.
    ['aws-eusc', 'ec2.amazonaws.com'],
    ['aws-iso', 'ec2.amazonaws.com'],
  ])('is of EC2, by its name in %s', (partition, Service) => {
    const id = parseExecution(`arn:${partition}:states:x:123456789012:execution:m:n`);
    const { Statement } = JSON.parse(ec2Trust(id));
    expect(Statement).toEqual([{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }]);
  });
});
