import { describe, expect, test } from '@jest/globals';
import { covers, globOf, overlap, withoutVariables } from '../../state-machine/patterns';

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

describe('a pattern covers another', () => {
  test.each([
    ['*', 's3:*', true],
    ['*', '', true],
    ['s3:*', '*', false],
    ['s3:Get*', 's3:GetObject', true],
    ['s3:Get*', 's3:Get?bject*', true],
    ['s3:GetObject', 's3:Get*', false],
    ['s3:Get?bject', 's3:GetObject', true],
    ['s3:Get?bject', 's3:Get?bject', true],
    ['s3:GetObject', 's3:Get?bject', false],
    ['a?', 'a*', false],
    ['a*', 'a?', true],
    ['*a*', 'b*a*b', true],
    ['*a*', 'b*b', false],
    ['s3:getobject', 's3:GetObject', false],
  ])("'%s' covers '%s': %s", (outer, inner, expected) => expect(covers(outer, inner)).toBe(expected));
});

/** All texts of up to `length` of these letters. */
const words = (letters: string[], length: number): string[] =>
  length === 0 ? [''] : words(letters, length - 1).flatMap((word) => ['', ...letters].map((letter) => word + letter));

test('both agree with what the patterns match, for all short patterns', () => {
  const patterns = [...new Set(words(['a', 'b', '*', '?'], 3))];
  const texts = [...new Set(words(['a', 'b'], 5))];
  const matched = new Map(patterns.map((one) => [one, texts.filter((text) => globOf(one).test(text))]));
  for (const a of patterns) {
    for (const b of patterns) {
      const [ofA, ofB] = [matched.get(a)!, matched.get(b)!];
      const both = ofB.filter((text) => ofA.includes(text)).length;
      expect([a, b, overlap(a, b)]).toEqual([a, b, both > 0]);
      if (covers(a, b)) expect([a, b, both]).toEqual([a, b, ofB.length]);
    }
  }
});

test('variables are anything', () => expect(withoutVariables('a/${aws:PrincipalTag/team}/${*}')).toBe('a/*/*'));
