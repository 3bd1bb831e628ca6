import { describe, expect, test } from '@jest/globals';
import { holds } from '../../../local/iam/conditions';

const INSTANCE = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-1';
const CONTEXT = new Map<string, string | string[]>([
  ['aws:username', 'Ada'],
  ['aws:currenttime', '2026-01-05T09:00:00.500Z'],
  ['aws:sourceip', '10.1.2.3'],
  ['aws:viaawsservice', 'false'],
  ['aws:tagkeys', ['team', 'cost']],
  ['aws:principaltag/instance', INSTANCE],
  ['aws:principaltag/stars', 'A*'],
  ['ec2:sourceinstancearn', INSTANCE],
  ['s3:max-keys', '10'],
]);

// operator, key, values, does it hold?
const CASES: [string, string, string[], boolean][] = [
  ['StringEquals', 'aws:username', ['Bob', 'Ada'], true],
  ['StringEquals', 'AWS:UserName', ['Ada'], true],
  ['StringEquals', 'aws:username', ['ada'], false],
  ['StringEquals', 'aws:username', ['A*'], false],
  ['StringEquals', 'missing', ['Ada'], false],
  ['StringNotEquals', 'aws:username', ['Bob', 'Ada'], false],
  ['StringNotEquals', 'aws:username', ['Bob', 'Eve'], true],
  ['StringNotEquals', 'missing', ['Ada'], true],
  ['StringEqualsIgnoreCase', 'aws:username', ['aDA'], true],
  ['StringNotEqualsIgnoreCase', 'aws:username', ['aDA'], false],
  ['StringLike', 'aws:username', ['A?a'], true],
  ['StringLike', 'aws:username', ['a*'], false],
  ['StringNotLike', 'aws:username', ['A*'], false],
  ['StringEqualsIfExists', 'missing', ['x'], true],
  ['StringEqualsIfExists', 'aws:username', ['x'], false],
  ['StringNotEqualsIfExists', 'missing', ['x'], true],
  ['BoolIfExists', 'aws:ViaAWSService', ['false'], true],
  ['BoolIfExists', 'missing', ['false'], true],
  ['Bool', 'aws:ViaAWSService', ['True'], false],
  ['BinaryEquals', 'aws:username', ['Ada'], true],
  ['BinaryEquals', 'aws:username', ['ada'], false],
  ['Null', 'missing', ['true'], true],
  ['Null', 'missing', ['false'], false],
  ['Null', 'ec2:SourceInstanceARN', ['false'], true],
  ['Null', 'ec2:SourceInstanceARN', ['true'], false],
  // Dates: to the millisecond.
  ['DateLessThan', 'aws:CurrentTime', ['2026-01-05T09:00:00.501Z'], true],
  ['DateLessThan', 'aws:CurrentTime', ['2026-01-05T09:00:00.500Z'], false],
  ['DateLessThanEquals', 'aws:CurrentTime', ['2026-01-05T10:00:00.500+01:00'], true],
  ['DateGreaterThan', 'aws:CurrentTime', ['1767603600.499'], true],
  ['DateGreaterThan', 'aws:CurrentTime', ['2026-01'], true],
  ['DateLessThan', 'aws:CurrentTime', ['2026'], false],
  ['DateEquals', 'aws:username', ['2026-01-05'], false],
  ['DateNotEquals', 'aws:username', ['2026-01-05'], true],
  ['DateLessThan', 'missing', ['2099-01-01'], false],
  ['NumericLessThanEquals', 's3:max-keys', ['10'], true],
  ['NumericLessThan', 's3:max-keys', ['10'], false],
  ['NumericNotEquals', 's3:max-keys', ['9'], true],
  ['IpAddress', 'aws:SourceIp', ['10.1.0.0/16'], true],
  ['IpAddress', 'aws:SourceIp', ['10.2.0.0/16', 'fd00::/8'], false],
  ['NotIpAddress', 'aws:SourceIp', ['10.1.2.3'], false],
  // ARNs: part by part, wildcards in both operators.
  ['ArnLike', 'ec2:SourceInstanceARN', ['arn:aws:ec2:*:*:instance/*'], true],
  ['ArnEquals', 'ec2:SourceInstanceARN', ['arn:aws:ec2:*:*:instance/*'], true],
  ['ArnLike', 'ec2:SourceInstanceARN', ['arn:aws:ec2:*:instance/*'], false],
  ['ArnLike', 'ec2:SourceInstanceARN', ['*'], false],
  ['ArnNotEquals', 'ec2:SourceInstanceARN', ['arn:aws:ec2:*:*:instance/i-2'], true],
  ['ArnNotEquals', 'missing', [INSTANCE], true],
  // Variables.
  ['ArnEquals', 'ec2:SourceInstanceARN', ['${aws:PrincipalTag/instance}'], true],
  ['ArnNotEquals', 'ec2:SourceInstanceARN', ['${aws:PrincipalTag/instance}'], false],
  ['ArnNotEquals', 'ec2:SourceInstanceARN', ['${aws:PrincipalTag/absent}'], true],
  ['StringEquals', 'aws:username', ['${aws:PrincipalTag/absent}'], false],
  ['StringEquals', 'aws:username', ["${aws:PrincipalTag/absent, 'Ada'}"], true],
  ['StringEquals', 'aws:username', ['${aws:TagKeys}'], false],
  ['StringLike', 'aws:username', ['${aws:PrincipalTag/stars}'], false],
  ['StringLike', 'aws:PrincipalTag/stars', ['A${*}'], true],
  ['StringLike', 'aws:username', ['A${*}'], false],
  // Multivalued keys.
  ['ForAllValues:StringEquals', 'aws:TagKeys', ['team', 'cost', 'more'], true],
  ['ForAllValues:StringEquals', 'aws:TagKeys', ['team'], false],
  ['ForAllValues:StringEquals', 'missing', ['team'], true],
  ['ForAllValues:StringNotEquals', 'aws:TagKeys', ['team'], false],
  ['ForAnyValue:StringEquals', 'aws:TagKeys', ['team'], true],
  ['ForAnyValue:StringLike', 'aws:TagKeys', ['x*'], false],
  ['ForAnyValue:StringEquals', 'missing', ['team'], false],
  ['ForAnyValue:StringNotEquals', 'missing', ['team'], false],
  ['ForAnyValue:StringEqualsIfExists', 'missing', ['team'], true],
];

describe('condition operators', () => {
  test.each(CASES)('%s %s %j is %s', (operator, key, values, expected) => {
    expect(holds({ operator, key, values }, CONTEXT)).toBe(expected);
  });

  test.each(['StringEqual', 'DateNotLessThan', 'NullIfExists', 'constructor', 'ForSomeValues:Bool', ''])(
    'an unknown operator throws: %s',
    (operator) => {
      expect(() => holds({ operator, key: 'aws:username', values: ['Ada'] }, CONTEXT)).toThrow(/does not know/);
    },
  );
});
