import type { Role } from '@aws-sdk/client-iam';
import { describe, expect, test } from '@jest/globals';
import { AwsError, ConnectionLost, type Intercept } from '../../local';
import { INSTANCE, request, type Stage, type StageOptions } from '../support/stage';
import { readWorld, stateOf } from '../support/worldState';
import { type ByHand, byHand, stageByHand, upTo } from './byHand';
import { attachedNow } from './worlds';

const tempRoleOf = ({ document }: ByHand) => document.tempRole as { roleName: string; expires: string };

/** Loses the answers to the first `times` calls of an operation, after or before each was carried out. */
function losing(name: string, when: 'before' | 'after', times: number): Intercept {
  let calls = 0;
  return async ({ operation }, proceed) => {
    if (operation !== name || calls === times) return proceed();
    calls += 1;
    if (when === 'after') await proceed();
    throw new ConnectionLost();
  };
}

/** Only what swapProfile calls. */
const forSwap =
  (intercept: Intercept): Intercept =>
  (call, proceed) =>
    call.principal.name?.endsWith('-swapProfile') ? intercept(call, proceed) : proceed();

describe('CreateTempRole', () => {
  const WRITES = [
    'CreateRole',
    'AttachRolePolicy',
    'PutRolePolicy',
    'CreateInstanceProfile',
    'AddRoleToInstanceProfile',
  ];

  /** What IAM holds of a run, but for the moment at which it began. */
  async function madeBy(stage: Stage, run: ByHand) {
    const { roles, profiles } = await stateOf(stage);
    const { attached, inline } = roles[tempRoleOf(run).roleName] ?? {};
    return { attached, inline, profiles };
  }
  async function madeWithoutFaults() {
    const { stage, run } = await upTo('SwapProfile');
    return madeBy(stage, run);
  }

  test.each(WRITES.flatMap((name) => [[name, 'before'] as const, [name, 'after'] as const]))(
    'one lost answer of %s, %s the work, is no reason to fail',
    async (name, when) => {
      const { stage, run } = await upTo('CreateTempRole', { intercept: losing(name, when, 1) });
      await run.enter('CreateTempRole');
      expect(await madeBy(stage, run)).toEqual(await madeWithoutFaults());
    },
  );

  test.each(WRITES)('goes on where it stopped when %s cannot be reached at first', async (name) => {
    // Three attempts of the SDK, and two more.
    const { stage, run } = await upTo('CreateTempRole', { intercept: losing(name, 'before', 5) });
    await expect(run.enter('CreateTempRole')).rejects.toMatchObject({ name: 'AwsUnavailable' });
    await run.enter('CreateTempRole', { retryCount: 1 });
    expect(await madeBy(stage, run)).toEqual(await madeWithoutFaults());
    expect(run.document.tempRole).toMatchObject({ retried: true });
  });

  test('gives an adopted role no later expiry than it had', async () => {
    const { stage, run } = await upTo('SwapProfile');
    const { expires } = tempRoleOf(run);
    await stage.pass(120);
    expect(await run.enter('CreateTempRole')).toMatchObject({ expires, retried: true });
  });

  /** The role that a run would make, made by another hand that knows everything of it but one thing. */
  test.each<[string, (role: Role) => object]>([
    ['without a boundary', () => ({ PermissionsBoundary: undefined })],
    ['with the tags of an earlier run of this name', ({ Tags = [] }) => ({ Tags: Tags.map(withAnotherStart) })],
  ])('leaves a role of its name alone that was made %s', async (_, change) => {
    const own = await upTo('SwapProfile');
    const { Role: role } = await own.stage.aws.world.asRoot('iam', 'GetRole', {
      RoleName: tempRoleOf(own.run).roleName,
    });
    const { stage, run } = await upTo('CreateTempRole');
    const { RoleName, Path, Tags, PermissionsBoundary } = role;
    const forged = {
      ...{ RoleName, Path, Tags, PermissionsBoundary: PermissionsBoundary.PermissionsBoundaryArn },
      AssumeRolePolicyDocument: decodeURIComponent(role.AssumeRolePolicyDocument),
      ...change(role),
    };
    await stage.aws.world.asRoot('iam', 'CreateRole', forged);
    const before = await stateOf(stage);
    await expect(run.enter('CreateTempRole')).rejects.toMatchObject({ name: 'TempRoleForeign' });
    expect(await stateOf(stage)).toEqual(before);
  });
});

type Tag = { Key?: string; Value?: string };
const withAnotherStart = ({ Key, Value }: Tag) => ({
  Key,
  Value: Key === 'stepup:started' ? '2025-01-05T09:02:00.000Z' : Value,
});

describe('SwapProfile', () => {
  test('rides out a minute in which EC2 does not know the profile', async () => {
    const { stage, run } = await upTo('SwapProfile', { delays: { iamPropagation: 60_000 } });
    expect(await run.finish('SwapProfile')).toBeGreaterThan(1);
    expect(await attachedNow(stage)).toContain(`${tempRoleOf(run).roleName} associating`);
  });

  test('gives up after three minutes, with what EC2 said, on a profile that never comes', async () => {
    const message = 'Value (…) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN';
    const intercept = forSwap(async ({ operation }, proceed) => {
      if (operation === 'ReplaceIamInstanceProfileAssociation') throw new AwsError('InvalidParameterValue', message);
      return proceed();
    });
    const { stage, run } = await upTo('SwapProfile', { intercept });
    const began = stage.clock.now();
    await expect(run.finish('SwapProfile')).rejects.toMatchObject({
      name: 'AwsCallFailed',
      message: expect.stringContaining(message),
    });
    expect(stage.clock.now() - began).toBeGreaterThan(180_000);
    expect(stage.clock.now() - began).toBeLessThan(240_000);
  });

  test('recognises a swap of its own whose answer was lost', async () => {
    const intercept = forSwap(losing('ReplaceIamInstanceProfileAssociation', 'after', 1));
    const { stage, run } = await upTo('SwapProfile', { intercept });
    await run.finish('SwapProfile');
    expect(await attachedNow(stage)).toEqual([`${tempRoleOf(run).roleName} associating`, 'app disassociating']);
  });
});

describe('an instance that another elevation got first', () => {
  /** Two runs that both saw the instance free; the first has swapped. */
  async function twoRuns(options: StageOptions, waitForInstanceMinutes: number) {
    const stage = await stageByHand(options);
    const start = (name: string) => byHand(stage, request(undefined, { waitForInstanceMinutes }), name);
    const [winner, loser] = [start('winner'), start('loser')];
    for (const run of [winner, loser]) await run.finish('CaptureProfile');
    for (const run of [winner, loser]) await run.finish('CreateTempRole');
    await winner.finish('SwapProfile');
    await winner.finish('WaitAssociated');
    return { stage, winner, loser };
  }

  test('is waited for all day within 25,000 events', async () => {
    const { stage, loser } = await twoRuns({}, 1440);
    const began = stage.clock.now();
    let loops = 0;
    for (; stage.clock.now() - began < 600_000; loops += 1) {
      const { done, waitSeconds } = await loser.enter('SwapProfile');
      expect(done).toBe(false);
      await stage.pass(waitSeconds);
    }
    // Task entered, scheduled, started, succeeded, exited; Choice entered, exited; Wait entered, exited.
    expect(144 * loops * 9).toBeLessThan(15_000);
  });

  test('is taken when it is given back, although EC2 takes a minute to associate the original', async () => {
    const { stage, winner, loser } = await twoRuns({ delays: { associating: 60_000 } }, 60);
    const until = stage.clock.now() + 10 * 60_000;
    while (stage.clock.now() < until) {
      const { waitSeconds } = await loser.enter('SwapProfile');
      await stage.pass(waitSeconds);
    }
    // A first look gives the profile back; EC2 still shows it as associating when it ends.
    await winner.enter('Restore');
    await loser.finish('SwapProfile');
    expect(stage.aws.world.ec2.attachment(INSTANCE)).toMatchObject({
      profileArn: expect.stringContaining(tempRoleOf(loser).roleName),
    });
  });
});

describe('SendScript', () => {
  test('sends nothing in a redriven execution, whatever the record says', async () => {
    const { stage, run } = await upTo('SendScript');
    await expect(run.enter('SendScript', { redriveCount: 1 })).rejects.toMatchObject({ name: 'ElevationClosed' });
    expect((await stage.during(readWorld(stage))).running).toBe(0);
  });

  test('starts no script that could not end before the grant does', async () => {
    const { stage, run } = await upTo('SendScript');
    await stage.pass(13 * 60);
    await expect(run.enter('SendScript')).rejects.toMatchObject({
      name: 'CommandRejected',
      message: expect.stringContaining('Nothing was started; try again'),
    });
    expect((await stage.during(readWorld(stage))).running).toBe(0);
  });
});

describe('AwaitScript', () => {
  /** The proof is answered as usual. */
  const answering = (exitCode: number, stdout: string, stderr: string): StageOptions => ({
    behaviour: ({ script }) =>
      script.includes('security-credentials') ? undefined : Promise.resolve({ exitCode, stdout, stderr }),
  });

  test.each([
    ['a little output', 0, 'out', 'err', { status: 'Success', exitCode: 0, stdout: 'out', truncated: false }],
    ['an exit code and no word', 7, '', '', { status: 'ScriptFailed', exitCode: 7, truncated: false }],
    ['more output than SSM keeps', 0, 'x'.repeat(30_000), '', { status: 'Success', truncated: true }],
    ['more complaints than SSM keeps', 1, '', 'x'.repeat(9_000), { status: 'ScriptFailed', truncated: true }],
    ['characters that JSON makes six of', 0, '\u0001'.repeat(23_000), '', { status: 'Success', truncated: true }],
  ])('%s', async (_, exitCode, stdout, stderr, expected) => {
    const { run } = await upTo('SendScript', answering(exitCode, stdout, stderr));
    await run.enter('SendScript');
    await run.finish('AwaitScript');
    expect(run.document.script).toMatchObject(expected);
    expect(JSON.stringify(run.document).length).toBeLessThan(100_000);
  });

  /** The script sleeps; the answers of the first look at the instance's profile, and of the second. */
  async function looking(seconds: number, ...answers: ('nothing' | 'the truth')[]) {
    let looks = 0;
    let watched = false;
    const intercept: Intercept = async ({ operation, principal }, proceed) => {
      const answer = (await proceed()) as object;
      const asks = watched && operation === 'DescribeIamInstanceProfileAssociations' && principal.kind !== 'root';
      if (!asks) return answer;
      looks += 1;
      return answers[looks - 1] === 'nothing' ? { IamInstanceProfileAssociations: [] } : answer;
    };
    const { run } = await upTo('SendScript', { intercept }, request({ shell: [`sleep ${seconds}`] }));
    await run.enter('SendScript');
    watched = true;
    return { run, looked: () => looks };
  }

  test('one look that misses the temp profile proves nothing', async () => {
    const { run, looked } = await looking(120, 'nothing', 'the truth');
    expect(await run.enter('AwaitScript')).toMatchObject({ done: false });
    expect(looked()).toBe(2);
  });

  test('two looks prove it, whatever is attached: Superseded', async () => {
    const { run } = await looking(120, 'nothing', 'nothing');
    await expect(run.enter('AwaitScript')).rejects.toMatchObject({
      name: 'Superseded',
      message: expect.stringContaining('(now: none)'),
    });
  });

  test('a script that ends while it is looked has ended', async () => {
    const { run, looked } = await looking(23, 'nothing', 'nothing');
    expect(await run.enter('AwaitScript')).toMatchObject({ done: true, status: 'Success' });
    expect(looked()).toBe(2);
  });

  test('in a redriven run nobody else took the profile away: ElevationClosed', async () => {
    const { run } = await looking(120, 'nothing', 'nothing');
    await expect(run.enter('AwaitScript', { redriveCount: 1 })).rejects.toMatchObject({ name: 'ElevationClosed' });
  });
});
