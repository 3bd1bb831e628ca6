import { describe, expect, test } from '@jest/globals';
import { diagnosisSchema } from '../../state-machine/api';
import { ADMINISTRATOR } from '../functions/doctor/cases';
import { stepup } from '../support/command';
import { createStage, INSTANCE, type Stage } from '../support/stage';

const anAdministrator = ({ aws }: Stage) =>
  aws.world.asRoot('iam', 'AttachRolePolicy', { RoleName: 'app', PolicyArn: ADMINISTRATOR });

test('an instance that is well: every check, and 0', async () => {
  const { code, out, err } = await stepup(await createStage(), ['doctor', INSTANCE]);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^ {2}CHECK +FINDING, AND REMEDY\n✔ instance +i-0123456789abcdef0 is in us-east-1/);
  expect(out).toMatch(/^! named-elsewhere +Not looked at/m);
  expect(out).toContain(`✔ ${INSTANCE} can be elevated, as far as IAM shows. Warnings: named-elsewhere.`);
});

test('one that cannot be elevated: 1, and a command on a line of its own', async () => {
  const { code, out } = await stepup(await createStage({ tags: { 'stepup:grants': '' } }), ['doctor', INSTANCE]);
  expect(code).toBe(1);
  expect(out).toMatch(/^✖ enrolled +i-0123456789abcdef0 is enrolled for no grant/m);
  expect(out).toMatch(/^ +aws ec2 create-tags --resources i-0123456789abcdef0 --tags "Key=stepup:grants,Value=.*"$/m);
  expect(out).toContain(`✖ ${INSTANCE} cannot be elevated. Failed: enrolled. Warnings: named-elsewhere.`);
  const words = out.split('\n').filter((line) => !/^ +(aws|stepup|npx) /.test(line));
  expect(words.filter((line) => line.length > 160)).toEqual([]);
});

test.each([80, 100, 200])(
  'a terminal of %s columns: only commands are wider, to be pasted in one piece',
  async (columns) => {
    const around = { columns, command: 'npx stepup' };
    const { out } = await stepup(await createStage({ tags: { 'stepup:grants': '' } }), ['doctor', INSTANCE], around);
    const lines = out.split('\n');
    expect(lines).toContain(`${' '.repeat(23)}npx stepup grants`);
    // Neither commands are broken, nor words, as ARNs.
    const broken = lines.slice(0, -3).filter((line) => !/^ +((aws|npx) |\S+$)/.test(line));
    expect(broken.filter((line) => line.length > Math.min(columns, 120))).toEqual([]);
    // It is made use of, too.
    expect(Math.max(...broken.map(({ length }) => length))).toBeGreaterThan(Math.min(columns, 120) - 15);
  },
);

test('one that can be elevated with another baseline: 0, and said so', async () => {
  const stage = await createStage();
  await anAdministrator(stage);
  const { code, out } = await stepup(stage, ['doctor', INSTANCE]);
  expect(code).toBe(0);
  expect(out).toContain('as far as IAM shows, not by the default: that is CeilingTooLow (ceiling). Warnings: ceiling,');
});

test('--json is what the API answers', async () => {
  const { code, out } = await stepup(await createStage({ profile: null }), ['doctor', INSTANCE, '--json']);
  expect(code).toBe(1);
  expect(diagnosisSchema.parse(JSON.parse(out))).toMatchObject({ instanceId: INSTANCE, elevatable: false });
});

describe('no answer', () => {
  test.each([
    ['an instance that is not there', ['doctor', 'i-0ffffffffffffffff'], 'InstanceNotFound: There is no instance'],
    ['a hybrid node', ['doctor', 'mi-0123456789abcdef0'], 'An EC2 instance id looks like'],
    ['a path', ['doctor', 'i-0123456789abcdef0/elevations'], 'An EC2 instance id looks like'],
    ['no id', ['doctor'], "missing required argument 'instance'"],
  ])('%s: 2', async (_, argv, says) => {
    const { code, out, err } = await stepup(await createStage(), argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(says);
  });
});

test('what is signed for an account on this machine goes nowhere else', async () => {
  const stage = await createStage();
  const fetch = async () => {
    throw new Error('Nothing should have been sent');
  };
  const { code, err } = await stepup(stage, ['doctor', INSTANCE], { endpoint: 'http://127.0.0.1:4566', fetch });
  expect([code, err]).toEqual([2, expect.stringContaining('AWS is http://127.0.0.1:4566 here: set STEPUP_API')]);
});
