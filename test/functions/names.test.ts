import { describe, expect, test } from '@jest/globals';
import {
  ceilingArn,
  instanceArn,
  instancePath,
  isTempProfile,
  nameOf,
  parseElevation,
  parseExecution,
  tempName,
  tempPath,
} from '../../functions/common/names';

const ARN = 'arn:aws:states:us-east-1:123456789012:execution:StepUp-us-east-1-elevation:run-1';
const DEPLOYMENT = 'StepUp-us-east-1';

describe('the ARN of an execution', () => {
  test('is taken apart', () => {
    expect(parseExecution(ARN)).toEqual({
      arn: ARN,
      partition: 'aws',
      region: 'us-east-1',
      account: '123456789012',
      machine: 'StepUp-us-east-1-elevation',
      name: 'run-1',
    });
  });

  test.each([
    '',
    'run-1',
    'arn:aws:states:us-east-1:123456789012:stateMachine:StepUp-us-east-1-elevation',
    'arn:aws:states:us-east-1:123456789012:express:StepUp-us-east-1-elevation:run-1:id',
    'arn:aws:lambda:us-east-1:123456789012:execution:StepUp-us-east-1-elevation:run-1',
    `${ARN}:more`,
    ARN.replace('123456789012', ''),
    ARN.replace('run-1', ''),
  ])("'%s' is none: RequestInvalid, and it says which form one has", (arn) => {
    expect(() => parseExecution(arn)).toThrow(
      expect.objectContaining({
        name: 'RequestInvalid',
        message: expect.stringContaining('arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME'),
      }),
    );
  });

  test.each(['StepUp-us-east-1-recovery', 'Other-us-east-1-elevation', 'StepUp-us-east-1-elevation2'])(
    "of machine %s is not this deployment's",
    (machine) => {
      const arn = ARN.replace('StepUp-us-east-1-elevation', machine);
      expect(() => parseElevation(arn, DEPLOYMENT)).toThrow(expect.objectContaining({ name: 'RequestInvalid' }));
    },
  );
});

describe('a temp name', () => {
  test('is derived from the run: the same for the same, another for another', () => {
    expect(tempName(ARN)).toMatch(/^stepup-[0-9a-f]{32}$/);
    expect(tempName(ARN)).toBe(tempName(ARN));
    expect(tempName(ARN)).not.toBe(tempName(ARN.replace('run-1', 'run-2')));
    expect(tempName(ARN)).not.toBe(tempName(ARN.replaceAll('us-east-1', 'us-west-2')));
  });

  test('stands under a path of its instance and deployment', () => {
    expect(tempPath('i-0123456789abcdef0', DEPLOYMENT)).toBe(`${instancePath('i-0123456789abcdef0')}${DEPLOYMENT}/`);
    // One instance's path must not be the beginning of another's.
    expect(instancePath('i-01234567').endsWith('/')).toBe(true);
  });
});

test.each([
  ['arn:aws:iam::123456789012:instance-profile/stepup/elevations/i-01234567/any/stepup-1', true],
  ['arn:aws-cn:iam::123456789012:instance-profile/stepup/elevations/i-01234567/any/stepup-1', true],
  ['arn:aws:iam::123456789012:instance-profile/stepup-app', false],
  ['arn:aws:iam::123456789012:instance-profile/team/stepup/elevations/app', false],
  ['arn:aws:iam::123456789012:instance-profile/stepup/ceilings/app', false],
])('%s is a temp profile: %s', (arn, expected) => {
  expect(isTempProfile(arn)).toBe(expected);
});

test.each([
  ['arn:aws:iam::123456789012:role/app', 'app'],
  ['arn:aws:iam::123456789012:role/teams/billing/app+x@y', 'app+x@y'],
])('the name in %s is %s', (arn, name) => {
  expect(nameOf(arn)).toBe(name);
});

test('ARNs follow the partition, the account and the region of the run', () => {
  const id = parseExecution(ARN.replace('arn:aws:', 'arn:aws-cn:').replaceAll('us-east-1', 'cn-north-1'));
  expect(instanceArn(id, 'i-01234567')).toBe('arn:aws-cn:ec2:cn-north-1:123456789012:instance/i-01234567');
  expect(ceilingArn(id, 'StepUp-cn-north-1', 'StepUp-Ceilinginherit0a1b2c3d-1ABC')).toBe(
    'arn:aws-cn:iam::123456789012:policy/stepup/ceilings/StepUp-cn-north-1/StepUp-Ceilinginherit0a1b2c3d-1ABC',
  );
});
