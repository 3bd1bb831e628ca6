import { describe, expect, test } from '@jest/globals';
import { cutActions, overlap } from '../../functions/common/preflight/ceiling';
import type { PolicyDocument, Statement } from '../../state-machine/catalogue';

const policy = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[], more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
});
const deny = (Action: string | string[], more: Partial<Statement> = {}): Statement => ({
  ...allow(Action, more),
  Effect: 'Deny',
});

describe('two patterns overlap', () => {
  test.each([
    ['s3:GetObject', 's3:GetObject', true],
    ['s3:GetObject', 'S3:getobject', true],
    ['s3:GetObject', 's3:GetObjectAcl', false],
    ['*', 'iam:CreateRole', true],
    ['*', '*', true],
    ['iam:*', 'iam:CreateRole', true],
    ['iam:*', 'iam:', true],
    ['iam:*', 'iamx:CreateRole', false],
    ['iam:Create*', 'iam:*Role', true],
    ['iam:Create*', 'iam:Delete*', false],
    ['iam:Create?ole', 'iam:CreateRole', true],
    ['iam:Create?ole', 'iam:Createole', false],
    ['?', '*', true],
    ['*a', '*b', false],
    ['a*', '*b', true],
    ['a*c', 'ab*', true],
    ['', '', true],
    ['', 'a', false],
    ['', '*', true],
  ])("'%s' and '%s': %s", (a, b, expected) => {
    expect([overlap(a, b), overlap(b, a)]).toEqual([expected, expected]);
  });
});

describe('what a ceiling cuts', () => {
  const ceiling = policy(allow('*'), deny(['iam:Create*', 'iam:Delete*']));

  test.each([
    ['nothing from a reader', [allow('s3:GetObject')], []],
    ['nothing from one who may look at IAM', [allow('iam:Get*')], []],
    ['what is denied, from one who may do just that', [allow('iam:CreateRole')], ['iam:Create*']],
    ['what is denied, from one who may do everything', [allow('*')], ['iam:Create*', 'iam:Delete*']],
    [
      'what is denied, from everything but something',
      [{ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }],
      ['iam:Create*', 'iam:Delete*'],
    ],
    ['nothing from a Deny of the original', [deny('iam:CreateRole')], []],
  ] as [string, Statement[], string[]][])('%s', (_, statements, cut) => {
    expect(cutActions(ceiling, [policy(...statements)])).toEqual(cut);
  });

  test('all policies count, and each action is named once', () => {
    const policies = [policy(allow('iam:CreateRole')), policy(allow(['iam:CreateUser', 'iam:DeleteUser']))];
    expect(cutActions(ceiling, policies)).toEqual(['iam:Create*', 'iam:Delete*']);
  });

  test('what the ceiling allows nowhere is cut as it stands in the policy', () => {
    const narrow = policy(allow(['s3:*', 'ec2:Describe*']));
    expect(cutActions(narrow, [policy(allow(['s3:GetObject', 'sqs:*']))])).toEqual(['sqs:*']);
  });

  test.each([
    ['only with a condition', deny('s3:*', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
    ['only of some resources', deny('s3:*', { Resource: 'arn:aws:s3:::secret/*' })],
  ])('what is denied %s is not counted', (_, statement) => {
    expect(cutActions(policy(allow('*'), statement), [policy(allow('s3:GetObject'))])).toEqual([]);
  });
});
