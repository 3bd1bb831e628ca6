import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inheritCeiling } from '../../infra/ceilings';
import { readConfiguration, settingsSchema } from '../../infra/config';
import type { Statement } from '../../state-machine/catalogue';
import { scratchFolder } from '../support/scratch';

const ceilingOf = (inheritCeiling_: unknown) =>
  inheritCeiling(settingsSchema.parse({ restorableRoles: ['*'], inheritCeiling: inheritCeiling_ }));

const OWN: Statement[] = [
  { Effect: 'Allow', Action: ['s3:*', 'ssm:*'], Resource: '*' },
  { Effect: 'Deny', Action: 's3:DeleteBucket', Resource: 'arn:${partition}:s3:::${account}-*' },
];

const file = (content: unknown, name = 'ceiling.json') => {
  const path = join(scratchFolder('ceiling'), name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

describe("the deployer's ceiling of inherit", () => {
  test.each([
    ['statements', OWN],
    ['a policy', { Version: '2012-10-17', Statement: OWN }],
    ['a file with statements', file(OWN)],
    ['a file with a policy', file({ Version: '2012-10-17', Statement: OWN })],
  ])('is %s, and the guards', (_, setting) => {
    const { Statement } = ceilingOf(setting).policy;
    expect(Statement.slice(0, 2)).toEqual(OWN);
    expect(Statement.slice(2)).toEqual(ceilingOf(undefined).policy.Statement.slice(1));
  });

  test("is found from the configuration's own folder", () => {
    const ceiling = file(OWN);
    const configuration = join(dirname(ceiling), 'stepup.config.json');
    writeFileSync(configuration, JSON.stringify({ restorableRoles: ['*'], inheritCeiling: 'ceiling.json' }));
    expect(inheritCeiling(readConfiguration(configuration)).policy.Statement.slice(0, 2)).toEqual(OWN);
  });

  test.each<[string, object, string]>([
    [
      'an action misspelt',
      [{ ...OWN[0], Action: 's3:GetObjcet' }],
      "Statement[0].Action: AWS's list of actions has no 's3:GetObjcet'",
    ],
    ['neither Action nor NotAction', [{ ...OWN[0], Action: undefined }], 'Statement[0]: either Action or NotAction'],
    ['no resource', [OWN[0]!, { ...OWN[1], Resource: undefined }], 'Statement[1]: either Resource or NotResource'],
    [
      'an unknown placeholder',
      [{ ...OWN[0], Resource: 'arn:aws:s3:::${bucket}/*' }],
      '${bucket} is none of ${partition}',
    ],
    ['no action', [{ ...OWN[0], Action: [] }], 'Statement[0].Action: is empty; name at least one'],
    [
      'a resource of five parts',
      [{ ...OWN[0], Resource: 'arn:aws:s3::b/x' }],
      "Statement[0].Resource: 'arn:aws:s3::b/x' is",
    ],
    ['an operator misspelt', [{ ...OWN[0], Condition: { bool: { 'aws:x': true } } }], "did you mean 'Bool'?"],
    ['a Sid of words', [{ ...OWN[0], Sid: 'my sid!' }], "Statement[0].Sid: 'my sid!' must be letters"],
    ['a character that IAM refuses', [{ ...OWN[0], Resource: 'arn:aws:s3:::\u0142' }], 'has the character U+0142'],
    ['no Allow', [OWN[1]!], 'no Allow: nothing could be inherited'],
    ['the Sid of a guard', [{ ...OWN[0], Sid: 'OnlyFromItsVpc' }], "the Sid 'OnlyFromItsVpc' belongs to a guard"],
  ])('with %s is refused', (_, statements, says) => {
    expect(() => ceilingOf(statements)).toThrow(/^inheritCeiling is no ceiling/);
    expect(() => ceilingOf(statements)).toThrow(says);
    const path = file(statements);
    if (!says.includes('either')) expect(() => ceilingOf(path)).toThrow(path);
  });

  test('must leave room for the guards', () => {
    const Resource = Array.from({ length: 60 }, (_, i) => `arn:aws:s3:::bucket-number-${i}/*`);
    expect(() => ceilingOf([{ Effect: 'Allow', Action: '*', Resource }])).toThrow(
      /The ceiling of 'inherit' would have up to \d{4}/,
    );
  });
});
