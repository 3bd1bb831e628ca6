import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { environmentSchema } from '../../functions/common/lambda';
import { FUNCTION_NAMES } from '../../infra/permissions';
import { scratchFolder } from '../support/scratch';
import { list, ofType, plain, synth } from './synth';

const environments = (configuration: Parameters<typeof synth>[0] = {}) =>
  Object.fromEntries(
    ofType(synth(configuration), 'AWS::Lambda::Function').map(([, { Properties }]) => {
      const { FunctionName, Environment } = Properties;
      return [plain(FunctionName).split('-').at(-1) as string, Environment.Variables];
    }),
  );

/** A folder of so many grants, with names of so many characters. */
function grants(count: number, length: number): string {
  const folder = join(scratchFolder('grants'), 'grants');
  mkdirSync(folder);
  for (let at = 1; at <= count; at += 1) {
    const Statement = [{ Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::b${at}/x` }];
    const policy = { Version: '2012-10-17', Statement };
    const grant = { description: 'One of many', maxMinutes: 10, documents: ['AWS-RunShellScript'], policy };
    writeFileSync(join(folder, `${String(at).padEnd(length, 'x')}.json`), JSON.stringify(grant));
  }
  return folder;
}

test('createTempRole and sweep alone know the ceilings: the names that CloudFormation makes, by whose they are', () => {
  const all = environments();
  expect(Object.keys(all).sort()).toEqual([...FUNCTION_NAMES].sort());
  const knowing = Object.keys(all).filter((name) => 'STEPUP_CEILINGS' in all[name]);
  expect(knowing.sort()).toEqual(['createTempRole', 'sweep']);
  const { STEPUP_CEILINGS: value } = all.createTempRole;
  expect(all.sweep.STEPUP_CEILINGS).toEqual(value);

  // As CloudFormation would make it: the last part of each policy's ARN.
  const made = list<unknown>(value['Fn::Join'][1]).map((part) => {
    if (typeof part === 'string') return part;
    const [index, split] = (part as Record<string, [number, Record<string, [string, { Ref: string }]>]>)['Fn::Select']!;
    const [separator, { Ref }] = split['Fn::Split']!;
    return `arn:aws:iam::123456789012:policy/stepup/ceilings/prod/StepUp-${Ref}-1ABC`.split(separator)[index];
  });
  const ceilings = environmentSchema.shape.STEPUP_CEILINGS.parse(made.join(''));
  expect(ceilings).toEqual({
    inherit: expect.stringMatching(/^StepUp-StepUpCeilinginherit[0-9a-f]{8}[0-9A-F]{8}-1ABC$/),
    'read-bucket-prefix': expect.stringMatching(/^StepUp-StepUpCeilingreadbucketprefix[0-9a-f]{8}[0-9A-F]{8}-1ABC$/),
    'run-remote-script': expect.stringMatching(/^StepUp-StepUpCeilingrunremotescript[0-9a-f]{8}[0-9A-F]{8}-1ABC$/),
  });
});

test.each([
  ['ordinary', 18, 30],
  ['the longest', 40, 20],
])('grants with %s names: as many as are promised fit into the environment', (_, length, count) => {
  expect(() => environments({ grantsFolder: grants(count, length) })).not.toThrow();
});

test('what does not fit is refused at synth, by the name of what is large', () => {
  expect(() => environments({ grantsFolder: grants(40, 40) })).toThrow(
    /^The environment of createTempRole would have up to \d{4} characters, Lambda allows 4096. The largest part is STEPUP_CEILINGS \(\d{4}\), then .* use fewer grants/,
  );
  const restorableRoles = Array.from(
    { length: 60 },
    (_, at) => `arn:aws:iam::123456789012:role/${'x'.repeat(40)}-${at}`,
  );
  expect(() => environments({ restorableRoles })).toThrow(/The largest part is STEPUP_RESTORABLE_ROLES \(\d{4}\)/);
});
