import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { clientEnvironment, describeWithAwsCli, exported } from '../support/awsCli';
import { faulty } from '../support/faulty';
import { scratchFolder } from '../support/scratch';
import { createStage, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';

/** docs/runbook.md, 'Restore by hand', played word for word by the AWS CLI while Restore is dead. */
const RUNBOOK = readFileSync(join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const folder = scratchFolder('by-hand');

/** The blocks of commands below a heading of that section, in their order. */
function blocks(heading: string): string[] {
  const section = RUNBOOK.split(/^## /m).find((text) => text.startsWith('Restore by hand\n')) ?? '';
  const part = section.split(/^#{3,4} /m).find((text) => text.startsWith(`${heading}\n`));
  if (part === undefined) throw new Error(`The runbook has no '${heading}' under 'Restore by hand'`);
  return Array.from(part.matchAll(/^```sh\n(.*?)^```$/gms), (match) => match[1] as string);
}

/** A person at a shell, who fills in what is to be filled in. */
function atTheShell(endpoint: string, { aws }: Stage) {
  const env = { ...clientEnvironment(endpoint, folder), ...exported(aws.world.iam.rootKey) };
  const known: Record<string, string> = {};
  const fill = (block: string) =>
    block.replace(/^([A-Z]+)=.*$/gm, (_, name: string) => {
      if (known[name] === undefined) throw new Error(`Nobody knows ${name} yet`);
      return `${name}='${known[name]}'`;
    });
  return {
    known,
    /** @returns what it prints @throws Error unless every command of it works */
    plays: (block: string): Promise<string> => {
      const before = Object.entries(known).map(([name, value]) => `${name}='${value}'\n`);
      const script = `set -eu\n${before.join('')}${fill(block)}`;
      return new Promise((resolve, reject) => {
        execFile('sh', ['-c', script], { env, cwd: folder }, (error, stdout, stderr) => {
          if (error) reject(new Error(`${block}${stderr}`));
          else resolve(stdout);
        });
      });
    },
  };
}

/** An elevation that somebody stopped in the middle of its script, while every Restore fails. */
async function stranded(options: StageOptions, prepare: (stage: Stage) => Promise<void>) {
  const dead = { is: true };
  const wrapLauncher = faulty(async (event, invoke) =>
    dead.is && event.state.Name === 'Restore' ? { functionError: { errorMessage: 'dead' } } : invoke(event),
  );
  const stage = await createStage({ ...options, wrapLauncher });
  await prepare(stage);
  const before = await stateOf(stage);
  const run = await stage.start(request({ shell: ['sleep 3000'] }));
  await stage.pass(3 * MINUTE);
  expect((await stage.states(run)).at(-1)).toMatch(/Script/);
  return { stage, before, run, mend: () => Object.assign(dead, { is: false }) };
}

/** Steps 1 to 4: what is printed is what is filled in. */
async function found(stage: Stage, state: string) {
  const person = atTheShell(await stage.aws.listen(), stage);
  const { known, plays } = person;
  const [see = '', tags = ''] = blocks('1. See what there is');
  known.INSTANCE = INSTANCE;
  const [printedState, association = ''] = (await plays(see)).trim().split('\n');
  expect(printedState).toBe(state);
  const [id, , profile = ''] = association.split('\t');
  expect(profile).toContain(':instance-profile/stepup/elevations/');
  Object.assign(known, { ASSOCIATION: id, ROLE: profile.split('/').at(-1) });
  const record = new Map((await plays(tags)).split('\n').map((line) => line.split('\t') as [string, string]));
  for (const block of blocks('2. The grant first')) await plays(block);
  expect((await stateOf(stage)).roles[known.ROLE as string]?.inline).not.toContain('stepup-grant');
  known.RUN = record.get('stepup:execution') ?? '';
  for (const block of blocks('3. Stop what still runs')) await plays(block);
  const [history = '', profileOf = ''] = blocks('4. Find the original');
  const { capture } = JSON.parse(await plays(history));
  return { ...person, record, profileOf, original: capture.original };
}

/** Step 6, and what StepUp does itself once it can. */
async function expectCleanedUp(stage: Stage, before: Awaited<ReturnType<typeof stateOf>>, mend: () => unknown) {
  // As long as Restore is dead the marker stays, and nothing is deleted.
  await stage.pass(HOUR);
  expect(Object.keys((await stateOf(stage)).profiles)).toHaveLength(Object.keys(before.profiles).length + 1);
  mend();
  await stage.pass(HOUR);
  const { rest, draining } = withoutDraining(await stateOf(stage));
  expect(rest).toEqual(before);
  expect(Object.keys(draining)).toHaveLength(1);
  await stage.pass(8 * HOUR);
  expect(await stateOf(stage)).toEqual(before);
}

const APP = 'arn:aws:iam::123456789012:instance-profile/app';
const nothing = async () => undefined;

/** Somebody has every instance of the region managed without a profile. */
async function managedByDefault({ aws: { world }, pass }: Stage): Promise<void> {
  const RoleName = 'AWSSystemsManagerDefaultEC2InstanceManagementRole';
  const trusted = { Effect: 'Allow', Principal: { Service: 'ssm.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trusted] });
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy';
  await world.asRoot('iam', 'CreateRole', { RoleName, Path: '/service-role/', AssumeRolePolicyDocument });
  await world.asRoot('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
  await pass(MINUTE);
  await world.asRoot('ssm', 'UpdateServiceSetting', {
    SettingId: '/ssm/managed-instance/default-ec2-instance-management-role',
    SettingValue: `service-role/${RoleName}`,
  });
  await pass(HOUR);
}

describeWithAwsCli('restore by hand', () => {
  test('to a running instance, which somebody has to stop a run on', async () => {
    const { stage, before, mend } = await stranded({}, nothing);
    const { known, plays, record, profileOf, original } = await found(stage, 'running');
    expect(record.get('stepup:original')).toBe(Object.values(original).join(' '));
    known.ORIGINAL = original.profileArn;
    expect(JSON.parse(await plays(profileOf))).toEqual([APP, original.profileId, [original.roleArn]]);
    for (const block of blocks('To a running instance')) await plays(block);
    await stage.pass(2 * MINUTE);
    const [look = ''] = blocks('6. Afterwards');
    expect(await plays(look)).toMatch(new RegExp(`^iip-assoc-\\w+\tassociated\t${APP}\n$`));
    expect((await stateOf(stage)).running).toBe(0);
    await expectCleanedUp(stage, before, mend);
  }, 120_000);

  test('to a stopped instance', async () => {
    const { stage, before, run, mend } = await stranded({}, nothing);
    stage.aws.world.ec2.stopInstance(INSTANCE);
    await stage.pass(5 * MINUTE);
    const { known, plays, original } = await found(stage, 'stopped');
    expect((await stage.ended(run)).status).toBe('ABORTED');
    known.ORIGINAL = original.profileArn;
    for (const block of blocks('To a stopped instance')) await plays(block);
    const [look = ''] = blocks('6. Afterwards');
    expect(await plays(look)).toMatch(new RegExp(`^iip-assoc-\\w+\tassociating\t${APP}\n$`));
    stage.aws.world.ec2.startInstance(INSTANCE);
    await stage.pass(5 * MINUTE);
    expect(await plays(look)).toMatch(new RegExp(`^iip-assoc-\\w+\tassociated\t${APP}\n$`));
    await expectCleanedUp(stage, before, mend);
  }, 120_000);

  test('to an instance that had none', async () => {
    const { stage, before, mend } = await stranded({ profile: null }, managedByDefault);
    const { plays, record, original } = await found(stage, 'running');
    expect(original).toBe(null);
    expect(record.get('stepup:original')).toBe('none');
    for (const block of blocks('To an instance that had none')) await plays(block);
    await stage.pass(2 * MINUTE);
    const [look = ''] = blocks('6. Afterwards');
    expect(await plays(look)).toBe('');
    await expectCleanedUp(stage, before, mend);
  }, 120_000);

  test('where StepUp does not come back, the role is deleted by hand, too', async () => {
    const { stage, before } = await stranded({}, nothing);
    const { known, plays, original } = await found(stage, 'running');
    known.ORIGINAL = original.profileArn;
    for (const block of blocks('To a running instance')) await plays(block);
    await stage.pass(8 * HOUR);
    const [, remove = ''] = blocks('6. Afterwards');
    await plays(remove);
    expect(await stateOf(stage)).toEqual(before);
  }, 120_000);
});
