import { expect } from '@jest/globals';
import { AwsError } from '../../../local';
import { grantAgain, HOUR, rolesOf, somebodyMakesProfile, sweepNow, TEMP, TEMP_PATH } from '../../functions/sweeps';
import { SETTLED, somebodyDeletes, somebodyMakes, somebodyReplaces } from '../../functions/worlds';
import { around } from '../../support/faulty';
import { createStage, request, type StageOptions } from '../../support/stage';
import { stateOf } from '../../support/worldState';
import { closed, expectRestored, root, unheard, wrapped } from './flows';
import type { Scenario } from './scenario';

const TURNS: Scenario[] = [
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
      expect((await sweepNow(stage)).unexplained).toEqual([]);
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
      expect((await sweepNow(stage)).unexplained).toEqual([]);
      expect(await stage.recoveries()).toHaveLength(1);
    },
  },
];

/** What sweep finds, and what comes of it. */
export const SWEEPING: Scenario[] = [...TURNS, ...LOST];
