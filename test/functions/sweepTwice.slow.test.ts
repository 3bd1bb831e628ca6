import { describe, expect, test } from '@jest/globals';
import { parseElevation } from '../../functions/common/names';
import { startRecovery } from '../../functions/common/recovery';
import { AwsError } from '../../local';
import { synthWithCatalogue } from '../infra/synth';
import { createStage, DEPLOYMENT, request, type Stage } from '../support/stage';
import { stateOf } from '../support/worldState';
import {
  deaf,
  drained,
  FIRST,
  grantAgain,
  HOUR,
  ofSweep,
  passUntil,
  sweeping,
  TEMP,
  TEMP_PATH,
  unheard,
} from './sweeps';
import { attachedNow, SETTLED } from './worlds';

/** As deployed where nothing can be reserved: with the default, Lambda lets a second turn wait for the first. */
const assembly = synthWithCatalogue({ reservedConcurrency: false });

/** EventBridge delivers at least once. `apart`: by how many milliseconds of calls. */
const twice = (stage: Stage, apart: number) =>
  stage.during(
    Promise.all([sweeping(stage), stage.clock.sleep(apart).then(() => sweeping(stage))]).then(([one, other]) => ({
      deleted: [...new Set([...one.deleted, ...other.deleted])],
      stripped: [...new Set([...one.stripped, ...other.stripped])],
      orphans: [...new Set([...one.orphans, ...other.orphans])],
      recovering: [...new Set([...one.recovering, ...other.recovering])],
      unexplained: [...one.unexplained, ...other.unexplained],
    })),
  );

const APART = [0, 60, 220, 310, 560, 730];

describe('two sweeps at once', () => {
  test.each(APART)('delete a drained role once, and report nothing, %i ms apart', async (apart) => {
    const { stage, before, deleteAfter } = await drained({ assembly });
    await passUntil(stage, deleteAfter);
    expect(await twice(stage, apart)).toMatchObject({ deleted: [TEMP], unexplained: [] });
    await stage.pass(SETTLED);
    expect(await stateOf(stage)).toEqual(before);
  });

  test('report nothing either if IAM says that the role is gone, instead of denying what has no path', async () => {
    const intercept = ofSweep((_, proceed) =>
      proceed().catch((error: AwsError) => {
        throw error.code === 'AccessDenied' ? new AwsError('NoSuchEntity', 'It is gone.', 404) : error;
      }),
    );
    const { stage, deleteAfter } = await drained({ assembly, intercept });
    await passUntil(stage, deleteAfter);
    expect(await twice(stage, 310)).toMatchObject({ deleted: [TEMP], unexplained: [] });
  });

  test.each([0, 60, 130])('take a grant and an orphan away, %i ms apart', async (apart) => {
    const { stage } = await drained({ assembly });
    const InstanceProfileName = 'stepup-00000000000000000000000000000000';
    await stage.aws.world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName, Path: TEMP_PATH });
    await stage.pass(59 * 60);
    await grantAgain(stage);
    await stage.pass(SETTLED);
    const { stripped, orphans, unexplained } = await twice(stage, apart);
    expect({ stripped, orphans, unexplained }).toEqual({
      stripped: [TEMP],
      orphans: [InstanceProfileName],
      unexplained: [],
    });
  });

  test.each([0, 60, 200])('start one recovery, %i ms apart', async (apart) => {
    const { stage } = await unheard({ assembly });
    await stage.pass(6 * 60);
    expect((await twice(stage, apart)).recovering).toHaveLength(1);
    await stage.pass(HOUR);
    expect(await stage.recoveries()).toHaveLength(1);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test('stop a run once', async () => {
    const stage = await createStage({
      assembly,
      wrapLauncher: ({ launch }) => ({
        launch: (fn, environment) =>
          fn.name.endsWith('-runScript')
            ? { invoke: async () => ({ payload: { done: false, waitSeconds: 300 } }), close: () => undefined }
            : launch(fn, environment),
      }),
    });
    const run = await stage.start(request(undefined, { durationMinutes: 10 }));
    // 10 minutes of work, 15 more until the grant ends, 15 until it is overdue: the turn at 45 minutes has not come.
    await stage.pass(41 * 60);
    expect((await twice(stage, 0)).unexplained).toEqual([]);
    expect(await stage.ended(run)).toMatchObject({ status: 'ABORTED', error: 'ElevationOverdue' });
    await stage.pass(300);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });
});

describe('a recovery that still runs', () => {
  /** A stage on which Restore is denied everything until it is let. */
  async function hindered(name?: string) {
    let denied = false;
    const stage = await createStage({
      wrapLauncher: deaf,
      intercept: async ({ principal }, proceed) => {
        if (denied && principal.name?.endsWith('-restore')) throw new AwsError('AccessDenied', 'by an SCP', 403);
        return proceed();
      },
    });
    const run = await stage.start(request({ shell: ['sleep 3000'] }), name);
    await stage.pass(SETTLED);
    denied = true;
    await stage.aws.world.asRoot('states', 'StopExecution', { executionArn: run });
    const recover = (execution: string, occasion: string) =>
      stage.during(startRecovery(stage.sfn, parseElevation(execution, DEPLOYMENT), DEPLOYMENT, occasion));
    const allow = () => {
      denied = false;
    };
    return { stage, run, recover, allow };
  }

  test('is not joined by a second one, whatever its name', async () => {
    const { stage, run, recover, allow } = await hindered();
    await recover(run, 'by a person');
    await stage.pass(3 * HOUR);
    expect(await stage.recoveries()).toHaveLength(1);
    allow();
    await stage.pass(HOUR);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test('does not keep another run waiting whose name begins like its own', async () => {
    const { stage, run, recover } = await hindered(`${'x'.repeat(63)}-one`);
    await recover(run.replace('-one', '-other'), 'by a person');
    await stage.pass(HOUR);
    expect(await stage.recoveries()).toHaveLength(2);
  });

  test('and a second one, which a lagging list lets through, do no harm to each other', async () => {
    const { stage, before } = await unheard();
    const recover = (occasion: string) =>
      startRecovery(stage.sfn, parseElevation(FIRST, DEPLOYMENT), DEPLOYMENT, occasion);
    const recoveries = await stage.during(Promise.all([recover('one'), recover('other')]));
    for (const { arn } of recoveries) expect(await stage.ended(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await stage.pass(9 * HOUR);
    expect(await stateOf(stage)).toEqual(before);
  });
});
