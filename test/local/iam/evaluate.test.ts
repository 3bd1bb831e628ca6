import { describe, expect, test } from '@jest/globals';
import { evaluate } from '../../../local/iam/evaluate';
import { identityPolicy } from '../../../local/iam/policyDocument';
import { allow, policy } from './support';

const read = (...statements: object[]) => identityPolicy(policy(...statements));
const deny = (Action: string, Resource = '*', Condition?: object) => ({
  ...allow(Action, Resource, Condition),
  Effect: 'Deny',
});
const OBJECT = 'arn:aws:s3:::data/in/x.csv';
const decide = (policies: object[], boundary?: object[], keys: Record<string, string> = {}, resource = OBJECT) =>
  evaluate([read(...policies)], boundary && read(...boundary), {
    action: 's3:GetObject',
    resource,
    context: new Map(Object.entries(keys)),
  });

const NO_IDENTITY = 'because no identity-based policy allows the s3:GetObject action';
const NO_BOUNDARY = 'because no permissions boundary allows the s3:GetObject action';
const DENIED = 'with an explicit deny in an identity-based policy';

describe('evaluation order', () => {
  const all = allow('*');
  test.each<[string, object[], object[] | undefined, string | undefined]>([
    ['an allow', [all], undefined, undefined],
    ['no allow', [allow('s3:PutObject')], undefined, NO_IDENTITY],
    ['a deny wins over an allow', [all, deny('s3:*')], undefined, DENIED],
    ['a deny wins over a missing boundary', [all, deny('s3:*')], [allow('ec2:*')], DENIED],
    ['a boundary without it', [all], [allow('ec2:*')], NO_BOUNDARY],
    ['a boundary alone gives nothing', [allow('ec2:*')], [all], NO_IDENTITY],
    ['both', [all], [all], undefined],
    ['a deny in the boundary', [all], [all, deny('s3:Get*')], 'with an explicit deny in a permissions boundary'],
  ])('%s', (_, policies, boundary, expected) => {
    expect(decide(policies, boundary)).toBe(expected);
  });
});

describe('matching', () => {
  test.each<[string, object, string | undefined]>([
    ['actions in any case', allow('S3:getobject', 'arn:aws:s3:::data/*'), undefined],
    ['actions with wildcards', allow('s3:Get?bject*'), undefined],
    ['resources in their case only', allow('s3:*', 'arn:aws:s3:::Data/*'), NO_IDENTITY],
    ['? in resources', allow('s3:*', 'arn:aws:s3:::data/in/?.csv'), undefined],
    ['a dot is a dot', allow('s3:*', 'arn:aws:s3:::data/in/x?csv?'), NO_IDENTITY],
    ['all actions of all services', allow('*:*'), undefined],
    ['NotAction', { Effect: 'Allow', NotAction: 's3:Put*', Resource: '*' }, undefined],
    ['NotAction with it', { Effect: 'Allow', NotAction: ['s3:Get*'], Resource: '*' }, NO_IDENTITY],
    ['NotResource', { Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::data/*' }, NO_IDENTITY],
    ['a variable', allow('s3:*', 'arn:aws:s3:::data/${aws:PrincipalTag/dir}/*'), undefined],
    ['a variable without value', allow('s3:*', 'arn:aws:s3:::data/${aws:PrincipalTag/no}*'), NO_IDENTITY],
    ['a default', allow('s3:*', "arn:aws:s3:::data/${aws:PrincipalTag/no, 'in'}/*"), undefined],
    ['no value in NotResource', { Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::${no}' }, NO_IDENTITY],
    ['every condition', allow('*', '*', { Bool: { 'k:a': 'true' }, StringEquals: { 'k:b': ['1', '2'] } }), undefined],
    ['one that fails', allow('*', '*', { Bool: { 'k:a': true, 'k:b': true } }), NO_IDENTITY],
  ])('%s', (_, statement, expected) => {
    expect(decide([statement], undefined, { 'aws:principaltag/dir': 'in', 'k:a': 'true', 'k:b': '2' })).toBe(expected);
  });

  test('variables are text in documents older than the language that has them', () => {
    const Statement = [allow('s3:*', 'arn:aws:s3:::${aws:userid}')];
    const old = identityPolicy(JSON.stringify({ Version: '2008-10-17', Statement }));
    const ask = (resource: string) =>
      evaluate([old], undefined, { action: 's3:GetObject', resource, context: new Map([['aws:userid', 'x']]) });
    expect(ask('arn:aws:s3:::${aws:userid}')).toBeUndefined();
    expect(ask('arn:aws:s3:::x')).toBe(NO_IDENTITY);
  });

  test('the guard of a temp role: another instance and a missing tag are denied, a service on its behalf is not', () => {
    const tag = '${aws:PrincipalTag/stepup:instance-arn}';
    const guard = deny('*', '*', {
      ArnNotEquals: { 'ec2:SourceInstanceARN': tag },
      Null: { 'ec2:SourceInstanceARN': 'false' },
      BoolIfExists: { 'aws:ViaAWSService': 'false' },
    });
    const instance = (id: string) => `arn:aws:ec2:eu-west-1:123456789012:instance/${id}`;
    const own = { 'aws:principaltag/stepup:instance-arn': instance('i-1'), 'ec2:sourceinstancearn': instance('i-1') };
    const ask = (keys: Record<string, string>) => decide([allow('*')], [allow('*'), guard], keys);
    expect(ask(own)).toBeUndefined();
    expect(ask({ ...own, 'ec2:sourceinstancearn': instance('i-2') })).toMatch(/explicit deny/);
    expect(ask({ 'ec2:sourceinstancearn': instance('i-1') })).toMatch(/explicit deny/);
    expect(ask({ ...own, 'ec2:sourceinstancearn': instance('i-2'), 'aws:viaawsservice': 'true' })).toBeUndefined();
  });
});

describe('documents that IAM refuses', () => {
  test.each<[string, string, RegExp]>([
    ['no JSON', '{', /not in the valid JSON/],
    ['a list', '[]', /Syntax errors/],
    ['an unknown element', JSON.stringify({ Statements: [] }), /Syntax errors/],
    ['an unknown version', JSON.stringify({ Version: '2020-01-01', Statement: [allow('*')] }), /Syntax errors/],
    ['no statement', policy(), /Syntax errors/],
    ['an unknown field', policy({ ...allow('*'), Actions: '*' }), /Syntax errors/],
    ['an unknown effect', policy({ ...allow('*'), Effect: 'allow' }), /Syntax errors/],
    ['no action', policy({ Effect: 'Allow', Resource: '*' }), /must contain actions/],
    ['no vendor', policy(allow('GetObject')), /prefaced by a vendor/],
    ['no resource', policy({ Effect: 'Allow', Action: '*' }), /must contain resources/],
    ['an odd resource', policy(allow('*', 'bucket')), /must be in ARN format/],
    ['a principal', policy({ ...allow('*'), Principal: '*' }), /should not specify a principal/],
    ['Action and NotAction', policy({ ...allow('*'), NotAction: '*' }), /Syntax errors/],
    [
      'an unknown operator',
      policy(allow('*', '*', { StringEqual: { a: 'b' } })),
      /Invalid Condition type : StringEqual/,
    ],
    ['a malformed date', policy(allow('*', '*', { DateLessThan: { 'k:a': 'tomorrow' } })), /legacy parsing/],
    ['equal Sids', policy({ ...allow('*'), Sid: 'A' }, { ...allow('*'), Sid: 'A' }), /must be unique/],
    ['a Sid with a dash', policy({ ...allow('*'), Sid: 'a-b' }), /must be alpha-numeric\. Check/],
    ['a leading blank', ` ${policy(allow('*'))}`, /^JSON strings must not have leading spaces$/],
    ['a key without a vendor', policy(allow('*', '*', { Bool: { a: 'true' } })), /prefaced by a vendor/],
    ['a repeated key', policy(allow('*')).replace('{', '{"Version":"2012-10-17",'), /Syntax errors/],
    ['one repeated in an escape', policy(allow('*')).replace('{', '{"Versio\\u006e":"2012-10-17",'), /Syntax errors/],
    ['a vendor with a wildcard', policy(allow('*', 'arn:aws:*:::x')), /vendor must be fully qualified/],
    [
      'a region in S3',
      policy(allow('*', 'arn:aws:s3:us-east-1::b')),
      /^Resource \S+ can not contain region information/,
    ],
    [
      'a region in IAM',
      policy(allow('*', 'arn:aws:iam:us-east-1:1:role/x')),
      /^IAM resource \S+ cannot contain region/,
    ],
    [
      'no kind of IAM',
      policy(allow('*', 'arn:aws:iam::1:foo/x')),
      /^IAM resource path must either be "\*" or start with/,
    ],
  ])('%s', (_, text, message) => {
    expect(() => identityPolicy(text)).toThrow(message);
  });

  test('the same key in two objects is no repetition', () => {
    const Condition = { Bool: { 'k:a': '{"k:a":1}' }, StringEquals: { 'k:a': 'x' } };
    expect(identityPolicy(policy(allow('*', '*', Condition), allow('s3:*'))).statements).toHaveLength(2);
  });
});
