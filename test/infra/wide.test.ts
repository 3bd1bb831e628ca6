import { describe, expect, test } from '@jest/globals';
import { type ConfigurationInput, configurationSchema, parseOrExplain } from '../../infra/config';
import { anything, may } from '../../infra/permissions/permission';
import { ofType, synth } from './synth';

const NAMED = ['arn:aws:iam::123456789012:role/app-*'];
const ROLES = 'Restore may pass any role to EC2';
const POLICIES = 'a temp role may be given any managed policy, or AdministratorAccess';
const warnings = (configuration: Partial<ConfigurationInput>) =>
  synth({ restorableRoles: NAMED, ...configuration }).warnings;

describe('synth warns of a pattern that is as wide as any', () => {
  test.each(['*', 'arn:aws:iam::*:role/*', 'arn:*:iam::123456789012:role/*', 'arn:aws:iam::*:role/?*'])(
    'restorableRoles %s',
    (pattern) => {
      const found = warnings({ restorableRoles: [...NAMED, pattern] });
      expect(found).toEqual([expect.stringContaining(`restorableRoles is '${pattern}': ${ROLES}`)]);
    },
  );

  test.each([
    '*',
    'arn:aws:iam::123456789012:policy/*',
    'arn:aws:iam::aws:policy/*',
    'arn:aws:iam::aws:policy/Admin*',
    'arn:*:iam::*:policy/A*Access',
    'arn:aws-cn:iam::aws:policy/AdministratorAccess',
  ])('inheritablePolicies %s, unless nothing is inherited', (pattern) => {
    const found = warnings({ inheritablePolicies: [pattern] });
    expect(found).toEqual([expect.stringMatching(POLICIES)]);
    expect(found.join()).toContain(`inheritablePolicies is '${pattern}'`);
    expect(warnings({ inheritablePolicies: [pattern], inherit: false }).join()).not.toContain(POLICIES);
  });

  test('and of no other', () => {
    const restorableRoles = ['arn:aws:iam::*:role/app-*', 'arn:*:iam::*:role/*-app', 'arn:aws:iam::*:role/team/*'];
    const inheritablePolicies = ['arn:aws:iam::*:policy/app-*', 'arn:*:iam::aws:policy/AmazonSSM*'];
    expect(warnings({ restorableRoles, inheritablePolicies })).toEqual([]);
  });
});

test('what functions are told is what was configured', () => {
  const inheritablePolicies = ['arn:aws:iam::123456789012:policy/app', 'arn:*:iam::aws:policy/CloudWatchAgent*'];
  const stack = synth({ restorableRoles: NAMED, inheritablePolicies });
  for (const [id, { Properties }] of ofType(stack, 'AWS::Lambda::Function')) {
    const { STEPUP_RESTORABLE_ROLES, STEPUP_INHERITABLE_POLICIES } = Properties.Environment.Variables;
    expect([id, JSON.parse(STEPUP_RESTORABLE_ROLES)]).toEqual([id, NAMED]);
    expect([id, JSON.parse(STEPUP_INHERITABLE_POLICIES)]).toEqual([id, inheritablePolicies]);
  }
});

test.each([
  ['restorableRoles', 'x arn:aws:iam::123456789012:role/app', 'the ARN of a role'],
  ['restorableRoles', 'arn:aws:iam::123456789012:role/app x', 'the ARN of a role'],
  ['restorableRoles', '**', 'the ARN of a role'],
  ['inheritablePolicies', '*arn:aws:iam::aws:policy/ReadOnlyAccess', 'the ARN of a managed policy'],
  ['inheritablePolicies', 'arn:aws:iam::aws:policy/ReadOnlyAccess x', 'the ARN of a managed policy'],
  ['inheritablePolicies', '**', 'the ARN of a managed policy'],
])('%s: nothing may stand before or after the ARN: %s', (setting, value, form) => {
  const configuration = { restorableRoles: NAMED, [setting]: [value] };
  expect(() => parseOrExplain('x', configurationSchema, configuration)).toThrow(`'${value}' must be ${form}`);
});

describe('a permission', () => {
  test("on '*' needs a reason", () => {
    expect(() => may('ec2:DescribeInstances').on('*')).toThrow("ec2:DescribeInstances: '*' needs a reason");
    const permission = may('ec2:DescribeInstances').on(anything('EC2 knows no resources')).because('It looks.');
    expect(permission.explain()).toBe('It looks. On *: EC2 knows no resources.');
    expect(permission.toStatement('Look').resources).toEqual(['*']);
  });

  test('says what it is for, and names its actions', () => {
    expect(() => may('iam:GetRole').on('arn:aws:iam::123456789012:role/x').explain()).toThrow('iam:GetRole: why?');
    expect(() => may('iam:Get*')).toThrow('iam:Get*: name each action');
  });
});
