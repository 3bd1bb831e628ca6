import { expect } from '@jest/globals';
import { AwsError } from '../../../local';
import { rightBefore } from '../../functions/midRun';
import { deleteRole, elevated, end } from '../../functions/restore/elevated';
import { deaf, grantAgain, HOUR, rolesOf, somebodyMakesProfile, TEMP, TEMP_PATH } from '../../functions/sweeps';
import {
  attachedNow,
  putPolicy,
  SETTLED,
  somebodyDeletes,
  somebodyMakes,
  somebodyReplaces,
  somebodyTakesItOff,
} from '../../functions/worlds';
import { around } from '../../support/faulty';
import { createStage, INSTANCE, request, type Stage, type StageOptions } from '../../support/stage';
import { stateOf } from '../../support/worldState';
import { OBSERVING } from './observing';
import { RELEASES } from './releases';
import type { Scenario } from './scenario';

type Wrap = NonNullable<StageOptions['wrapLauncher']>;
const wrapped = ({ wrapLauncher, ...options }: StageOptions, wrap: Wrap): StageOptions => ({
  ...options,
  wrapLauncher: (launcher) => wrap(wrapLauncher?.(launcher) ?? launcher),
});

const root = ({ aws: { world } }: Stage, operation: string, input: object) => world.asRoot('iam', operation, input);

/** A stage on which one elevation has ended as it should, and drains. */
async function closed(options: StageOptions, more: object = {}) {
  const stage = await createStage(options);
  const before = await stateOf(stage);
  const { status, cause } = await stage.ended(await stage.start(request(undefined, more)));
  expect([status, cause]).toEqual(['SUCCEEDED', undefined]);
  await stage.pass(SETTLED);
  return { stage, before };
}

/** A stage on which one was stopped in the middle of its script, and no event says so. */
async function unheard(options: StageOptions) {
  const stage = await createStage(wrapped(options, deaf!));
  const before = await stateOf(stage);
  const executionArn = await stage.start(request({ shell: ['sleep 3000'] }));
  await stage.pass(SETTLED);
  await stage.aws.world.asRoot('states', 'StopExecution', { executionArn });
  return { stage, before };
}

async function expectRestored(stage: Stage): Promise<void> {
  expect(await attachedNow(stage)).toEqual(['app associated']);
  const { roles, running } = await stateOf(stage);
  expect(roles[TEMP]?.tags).toMatchObject({ 'stepup:draining-since': expect.anything() });
  expect(roles[TEMP]?.inline).not.toContain('stepup-grant');
  expect(running).toBe(0);
}

const ELEVATIONS: Scenario[] = [
  {
    name: 'an elevation inherits what the original has, restores it, and leaves nothing in the end',
    play: async (options) => {
      const stage = await createStage(options);
      await putPolicy(stage, 'app', 'own', { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' });
      await root(stage, 'TagRole', { RoleName: 'app', Tags: [{ Key: 'team', Value: 'billing' }] });
      await stage.pass(SETTLED);
      const before = await stateOf(stage);
      const run = await stage.start(request({ shell: ['sleep 300'] }));
      await stage.pass(200);
      const { attached, inline, tags } = (await stateOf(stage)).roles[TEMP]!;
      expect({ attached, inline, team: tags.team }).toEqual({
        attached: before.roles.app!.attached,
        inline: ['own', 'stepup-grant'],
        team: 'billing',
      });
      expect((await stage.ended(run)).status).toBe('SUCCEEDED');
      await stage.pass(SETTLED);
      await expectRestored(stage);
      await stage.pass(9 * HOUR);
      expect(await stateOf(stage)).toEqual(before);
    },
  },
  {
    name: 'the output of a run goes to its bucket',
    play: async (options) => {
      const { stage } = await closed(options, { output: { s3: 's3://results/jobs' } });
      expect(await attachedNow(stage)).toEqual(['app associated']);
    },
  },
  {
    name: 'an instance without a profile has none afterwards',
    play: async (options) => {
      const { stage, run } = await elevated(options, somebodyTakesItOff);
      const { status } = await end(stage, run, 'its own Restore');
      expect(status).toBe('SUCCEEDED');
      expect(await attachedNow(stage)).toEqual([]);
    },
  },
  {
    name: 'an instance that is stopped under its script has its profile again',
    play: async (options) => {
      const { stage, run } = await elevated(options);
      await stage.aws.world.asRoot('ec2', 'StopInstances', { InstanceIds: [INSTANCE] });
      await end(stage, run, 'its own Restore');
      expect(await attachedNow(stage)).toEqual(['app associating']);
    },
  },
  {
    name: 'a run that is stopped in the middle of its script is recovered at once, and its script cancelled',
    play: async (options) => {
      const stage = await createStage(options);
      const executionArn = await stage.start(request({ shell: ['sleep 3000'] }));
      await stage.pass(SETTLED);
      await stage.aws.world.asRoot('states', 'StopExecution', { executionArn });
      await stage.pass(4 * 60);
      await expectRestored(stage);
    },
  },
  {
    name: 'a run whose role and profile were deleted by hand gives the original back',
    play: async (options) => {
      const { stage, run, temp } = await elevated(options);
      const { attached, inline } = (await stateOf(stage)).roles[temp]!;
      const of = { RoleName: temp };
      await root(stage, 'RemoveRoleFromInstanceProfile', { ...of, InstanceProfileName: temp });
      await root(stage, 'DeleteInstanceProfile', { InstanceProfileName: temp });
      for (const PolicyArn of attached) await root(stage, 'DetachRolePolicy', { ...of, PolicyArn });
      for (const PolicyName of inline) await root(stage, 'DeleteRolePolicy', { ...of, PolicyName });
      await root(stage, 'DeleteRole', of);
      await end(stage, run, 'a recovery');
      expect(await attachedNow(stage)).toEqual(['app associated']);
      expect(await stage.ended((await stage.recoveries())[0]!)).toMatchObject({ status: 'SUCCEEDED' });
    },
  },
];

/** The role is deleted by hand right before a state: the run must say what it is, not that AWS denied something. */
const withoutRole = (state: string): Scenario => ({
  name: `a run whose role was deleted before ${state} says that it is closed`,
  play: async (options) => {
    let stage: Stage | undefined;
    const deleted = rightBefore(state, async () => {
      await deleteRole(stage!, TEMP);
      // Until authorisation knows of it.
      await stage!.clock.sleep(20_000);
    });
    stage = await createStage(wrapped(options, deleted));
    expect(await stage.ended(await stage.start(request()))).toMatchObject({ error: 'ElevationClosed' });
    await stage.pass(SETTLED);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  },
});

const BROKEN: Scenario[] = [
  withoutRole('SwapProfile'),
  withoutRole('SendScript'),
  {
    name: 'a run goes on where an earlier attempt at its role and profile stopped',
    play: async (options) => {
      let attempts = 0;
      const dies = around('CreateTempRole', async (event, invoke) => {
        const result = await invoke(event);
        attempts += 1;
        const functionError = { errorType: 'Lambda.ServiceException', errorMessage: 'its answer was lost' };
        return attempts === 1 ? { functionError } : result;
      });
      await closed(wrapped(options, dies));
      expect(attempts).toBe(2);
    },
  },
];

const SWEEPS: Scenario[] = [
  {
    name: 'a run of which no event told is recovered by sweep, once',
    play: async (options) => {
      const { stage, before } = await unheard(options);
      await stage.pass(45 * 60);
      await expectRestored(stage);
      expect(await stage.recoveries()).toHaveLength(1);
      await stage.pass(9 * HOUR);
      expect(await stateOf(stage)).toEqual(before);
    },
  },
  {
    name: 'a run of which no event told and no record is left is recovered from its history',
    play: async (options) => {
      const { stage } = await unheard(options);
      await root(stage, 'UntagRole', { RoleName: TEMP, TagKeys: ['stepup:execution', 'stepup:original'] });
      await stage.pass(45 * 60);
      await expectRestored(stage);
    },
  },
  {
    name: 'a run that does not get on is stopped, and recovered',
    play: async (options) => {
      const stuck = around('AwaitScript', async () => ({ payload: { done: false, waitSeconds: 300 } }));
      const stage = await createStage(wrapped(options, stuck));
      await stage.start(request(undefined, { durationMinutes: 30 }));
      await stage.pass(90 * 60);
      await expectRestored(stage);
    },
  },
  {
    name: 'a profile that belongs to no run frees its instance after an hour',
    play: async (options) => {
      const { stage } = await closed(options);
      const InstanceProfileName = 'stepup-00000000000000000000000000000000';
      await root(stage, 'CreateInstanceProfile', { InstanceProfileName, Path: TEMP_PATH });
      await stage.pass(2 * HOUR);
      expect(await stage.ended(await stage.start(request()))).toMatchObject({ status: 'SUCCEEDED' });
    },
  },
  {
    name: 'a profile that came back to a draining role goes with its role',
    play: async (options) => {
      const { stage, before } = await closed(options);
      await somebodyMakesProfile(stage);
      await stage.pass(9 * HOUR);
      expect(await stateOf(stage)).toEqual(before);
    },
  },
  {
    name: 'a grant that came back to a draining role is taken at the next turn',
    play: async (options) => {
      const { stage } = await closed(options);
      await grantAgain(stage);
      await stage.pass(20 * 60);
      await expectRestored(stage);
    },
  },
  {
    name: 'a role that an instance keeps for want of an original drains when it is let go',
    play: async (options) => {
      const { stage } = await closed(options);
      await somebodyMakesProfile(stage);
      await stage.pass(SETTLED);
      await somebodyReplaces(stage, TEMP);
      await somebodyDeletes(stage, 'app');
      await stage.pass(9 * HOUR);
      expect(await stage.recoveries()).toEqual([]);
      await somebodyMakes(stage, 'new');
      await stage.pass(SETTLED);
      await somebodyReplaces(stage, 'new');
      await stage.pass(6 * HOUR);
      expect(await rolesOf(stage)).toContain(TEMP);
      await stage.pass(2 * HOUR);
      expect(await rolesOf(stage)).not.toContain(TEMP);
    },
  },
];

/** IAM deletes a profile, and its answer does not arrive: the SDK asks again for what has no path any more. */
const lostDelete = (
  of: 'restore' | 'sweep',
  name: string,
  play: (options: StageOptions) => Promise<void>,
): Scenario => ({
  name,
  play: async (options) => {
    const lines: string[] = [];
    let lost = 0;
    await play({
      ...options,
      log: (line) => lines.push(line),
      intercept: async ({ operation, principal }, proceed) => {
        const answer = await proceed();
        if (operation !== 'DeleteInstanceProfile' || !principal.name?.endsWith(`-${of}`) || lost > 0) return answer;
        lost += 1;
        throw new AwsError('ServiceFailure', 'lost on its way', 500);
      },
    });
    expect(lost).toBe(1);
    expect(lines.filter((line) => line.includes('AwsAccessDenied'))).toEqual([]);
  },
});

const LOST: Scenario[] = [
  lostDelete('restore', 'a restore deletes a profile whose deletion was not answered', async (options) => {
    await closed(options);
  }),
  lostDelete('sweep', 'sweep deletes a profile whose deletion was not answered', async (options) => {
    const { stage } = await closed(options);
    const InstanceProfileName = 'stepup-00000000000000000000000000000000';
    await root(stage, 'CreateInstanceProfile', { InstanceProfileName, Path: TEMP_PATH });
    await stage.pass(2 * HOUR);
  }),
  {
    name: 'a recovery that is under way is not started a second time',
    play: async (options) => {
      const slow = around('Restore', async (event, invoke) =>
        event.purpose === 'recover'
          ? { functionError: { errorType: 'Boom', errorMessage: 'for an hour' } }
          : invoke(event),
      );
      const { stage } = await unheard(wrapped(options, slow));
      await stage.pass(50 * 60);
      expect(await stage.recoveries()).toHaveLength(1);
    },
  },
];

/** Everything that the permissions are for, each named by what it comes to. */
export const SCENARIOS: Scenario[] = [...ELEVATIONS, ...BROKEN, ...SWEEPS, ...LOST, ...OBSERVING, ...RELEASES];
