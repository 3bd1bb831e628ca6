import { expect } from '@jest/globals';
import { rightBefore } from '../../functions/midRun';
import { deleteRole, elevated, end } from '../../functions/restore/elevated';
import { HOUR, TEMP } from '../../functions/sweeps';
import { attachedNow, putPolicy, SETTLED, somebodyTakesItOff } from '../../functions/worlds';
import { around } from '../../support/faulty';
import { held, release } from '../../support/holding';
import { createStage, INSTANCE, request, type Stage, type StageOptions } from '../../support/stage';
import { stateOf } from '../../support/worldState';
import { closed, expectRestored, root, wrapped } from './flows';
import type { Scenario } from './scenario';

const WELL: Scenario[] = [
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
    name: 'a hold lasts until it is released',
    play: async (options) => {
      const stage = await createStage(options);
      const { run, token } = await held(stage, request({ hold: {} }));
      await release(stage, token);
      expect((await stage.ended(run)).status).toBe('SUCCEEDED');
      await stage.pass(SETTLED);
      await expectRestored(stage);
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
const withoutRole = (state: string, input = request()): Scenario => ({
  name: `a run whose role was deleted before ${state} says that it is closed`,
  play: async (options) => {
    let stage: Stage | undefined;
    const deleted = rightBefore(state, async () => {
      await deleteRole(stage!, TEMP);
      // Until authorisation knows of it.
      await stage!.clock.sleep(20_000);
    });
    stage = await createStage(wrapped(options, deleted));
    expect(await stage.ended(await stage.start(input))).toMatchObject({ error: 'ElevationClosed' });
    await stage.pass(SETTLED);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  },
});

/** What nobody has confirmed: CreateRole may show its tags to IAM as those of the new role. */
const showsTagsOfCreate: NonNullable<StageOptions['onWorld']> = ({ iam }) => {
  const { evaluate } = iam;
  iam.evaluate = (principal, action, resource, context = {}) => {
    const keys = Object.entries(context);
    const isNew = action === 'iam:TagRole' && !keys.some(([key]) => key.startsWith('aws:ResourceTag/'));
    const shown = keys.flatMap(([key, value]) =>
      key.startsWith('aws:RequestTag/') ? [[key.replace('Request', 'Resource'), value]] : [],
    );
    return evaluate(principal, action, resource, isNew ? { ...context, ...Object.fromEntries(shown) } : context);
  };
};

const BROKEN: Scenario[] = [
  {
    name: 'a record is written, should AWS show the tags of a new role as its own already',
    play: async ({ onWorld, ...options }) => {
      await closed({
        ...options,
        onWorld: (world) => {
          onWorld?.(world);
          showsTagsOfCreate(world);
        },
      });
    },
  },
  withoutRole('SwapProfile'),
  withoutRole('SendScript'),
  withoutRole('Hold', request({ hold: {} })),
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

/** Elevations, and what they come to. */
export const ELEVATIONS: Scenario[] = [...WELL, ...BROKEN];
