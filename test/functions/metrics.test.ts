import { describe, expect, test } from '@jest/globals';
import { AwsError, type Intercept } from '../../local';
import type { InvokeResult } from '../../local/world';
import { METRICS } from '../../state-machine/metrics';
import { around, faulty } from '../support/faulty';
import { DEPLOYMENT, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';
import { rightBefore } from './midRun';
import { deaf, HOUR, sweepNow, TEMP } from './sweeps';
import { countedIn, directivesOf, endsIn, everyLine, type Line, valuesOf, watched, wrongIn } from './watched';
import { attachedNow, SETTLED, somebodyDeletes, somebodyMakes, somebodyReplaces } from './worlds';

const LONG = request({ shell: ['sleep 600'] });
const abort = ({ aws }: Stage, executionArn: string) => aws.world.asRoot('states', 'StopExecution', { executionArn });

/** A run in the middle of its script, and what is logged from its beginning on. */
async function running(options: StageOptions = {}) {
  const { stage, all } = await watched(options);
  await somebodyMakes(stage, 'theirs');
  const run = await stage.start(LONG);
  await stage.pass(SETTLED);
  expect(await attachedNow(stage)).toEqual([`${TEMP} associated`]);
  return { stage, all, run };
}

/** AWS answers a function's call by an error, as long as `now` says so. */
const answering =
  (folder: string, operation: string, error: AwsError, now = () => true): Intercept =>
  async (call, proceed) => {
    if (call.principal.name?.endsWith(`-${folder}`) && call.operation === operation && now()) throw error;
    return proceed();
  };

const BOOM: InvokeResult = { functionError: { errorType: 'Boom', errorMessage: 'thrown by the test' } };

describe('a run counts', () => {
  test('as started, and as succeeded: what it had is back, and it had more for as long as it took', async () => {
    const { stage, all } = await watched();
    expect(await stage.ended(await stage.start(request({ shell: ['sleep 300'] })))).toMatchObject({
      status: 'SUCCEEDED',
    });
    expect(endsIn(all)).toEqual(['ElevationsRestored', 'ElevationsStarted', 'ElevationsSucceeded', 'SecondsElevated']);
    const [seconds = 0] = valuesOf(all, 'SecondsElevated');
    expect(seconds).toBeGreaterThan(300);
    expect(seconds).toBeLessThan(420);
  });

  test('not as elevated while it waits with its temp role for another run to give the instance back', async () => {
    const { stage, all } = await watched();
    const input = JSON.stringify(request({ shell: ['sleep 1500'] }, { waitForInstanceMinutes: 240 }));
    const start = { stateMachineArn: stage.machineArn('elevation'), input };
    // At the same moment: both find the instance free, and make their roles.
    const started = ['one', 'other'].map((name) =>
      stage.aws.world.asRoot('states', 'StartExecution', { ...start, name }),
    );
    const runs = (await Promise.all(started)).map(({ executionArn }) => executionArn as string);
    for (const run of runs) expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
    const seconds = valuesOf(all, 'SecondsElevated');
    expect(seconds).toHaveLength(2);
    for (const value of seconds) expect(value).toBeLessThan(1_650);
  });

  test('as failed, by the name of its error', async () => {
    const { stage, all } = await watched();
    await stage.ended(await stage.start(request({ shell: ['exit 7'] })));
    expect(endsIn(all)).toEqual([
      'ElevationsFailed ScriptFailed',
      'ElevationsRestored',
      'ElevationsStarted',
      'SecondsElevated',
    ]);
  });

  test('as failed and superseded, when somebody else changed the profile', async () => {
    const { stage, all, run } = await running();
    await somebodyReplaces(stage, 'theirs');
    await stage.ended(run);
    expect(endsIn(all)).toEqual(['ElevationsFailed Superseded', 'ElevationsStarted', 'ElevationsSuperseded']);
  });

  test('as tampered with, when its record was not as written', async () => {
    const { stage, all, run } = await running();
    const Tags = [{ Key: 'stepup:original', Value: 'none' }];
    await stage.aws.world.asRoot('iam', 'TagRole', { RoleName: TEMP, Tags });
    await stage.ended(run);
    expect(endsIn(all)).toEqual([
      'ElevationsRestored',
      'ElevationsStarted',
      'RecordTampered',
      'RestoreFailed RecordTampered',
      'SecondsElevated',
    ]);
  });

  test('as not restored, when its original is gone: neither restored nor at an end of being elevated', async () => {
    const { stage, all, run } = await running();
    await somebodyDeletes(stage, 'app');
    await stage.ended(run);
    expect(endsIn(all)).toEqual(['ElevationsStarted', 'RestoreFailed OriginalGone']);
  });

  test('as failed and not as elevated, when nothing was ever made', async () => {
    const denied = new AwsError('AccessDenied', 'by an SCP', 403);
    const { stage, all } = await watched({ intercept: answering('createTempRole', 'CreateRole', denied) });
    await stage.ended(await stage.start(request()));
    expect(endsIn(all)).toEqual([
      'ElevationsFailed AwsAccessDenied',
      'ElevationsRestored',
      'ElevationsStarted',
      'UnexpectedErrors AwsAccessDenied',
    ]);
  });
});

test('a run whose role was made, but never put on the instance, was not elevated, although Restore is tried twice', async () => {
  let broken = true;
  const denied = new AwsError('AccessDenied', 'by an SCP', 403);
  const { stage, all } = await watched({
    intercept: answering('createTempRole', 'PutRolePolicy', denied),
    wrapLauncher: around('Restore', async (event, invoke) => {
      const answer = broken ? BOOM : await invoke(event);
      broken = false;
      return answer;
    }),
  });
  await stage.ended(await stage.start(request()));
  expect(valuesOf(all, 'ElevationsFailed')).toEqual([1]);
  expect(valuesOf(all, 'SecondsElevated')).toEqual([]);
});

describe('a refusal counts once, by its name', () => {
  test('of captureProfile, which then has started nothing', async () => {
    const { stage, all } = await watched();
    await stage.ended(await stage.start({ ...request(), grant: 'no-such-grant' }));
    expect(countedIn(all)).toEqual(['ElevationsRefused GrantNotFound']);
  });

  test('of the rehearsal, after captureProfile had let it begin', async () => {
    const denied = new AwsError('UnauthorizedOperation', 'not iam:PassRole', 403);
    const { stage, all } = await watched({
      intercept: answering('restore', 'ReplaceIamInstanceProfileAssociation', denied),
    });
    await stage.ended(await stage.start(request()));
    expect(countedIn(all)).toEqual(['ElevationsRefused OriginalNotRestorable', 'ElevationsStarted', 'RehearsalErrors']);
    expect(valuesOf(all, 'RestoreErrors')).toEqual([]);
  });

  test('and not what the machine tries again', async () => {
    let left = 3;
    const slow = new AwsError('Throttling', 'Rate exceeded', 400);
    const throttled = answering('captureProfile', 'GetInstanceProfile', slow, () => left-- > 0);
    const { stage, all } = await watched({ intercept: throttled });
    expect(await stage.ended(await stage.start(request()))).toMatchObject({ status: 'SUCCEEDED' });
    expect(all.filter(({ error }) => error === 'AwsUnavailable')).toHaveLength(1);
    expect(endsIn(all)).toEqual(['ElevationsRestored', 'ElevationsStarted', 'ElevationsSucceeded', 'SecondsElevated']);
  });
});

describe('a recovery counts', () => {
  test('when recover starts it, and at its end: once each, however often it looks', async () => {
    const { stage, all, run } = await running();
    await abort(stage, run);
    await stage.pass(600);
    expect(endsIn(all)).toEqual([
      'ElevationsRecovered',
      'ElevationsRestored',
      'ElevationsStarted',
      'RecoveriesRepeated',
      'RecoveriesStarted',
      'SecondsElevated',
    ]);
    expect(valuesOf(all, 'RecoveriesRepeated')).toEqual([0]);
    expect(valuesOf(all, 'RestoreAttempts')).toEqual([1, 1]);
    // The closing look comes 75 s later: until then the run restores, but its instance has its profile.
    expect(valuesOf(all, 'SecondsElevated')[0]).toBeLessThan(SETTLED + 30);
    expect(valuesOf(all, 'RestoringSeconds')[0]).toBeLessThan(15);
    expect(valuesOf(all, 'RestoringSeconds')[1]).toBeGreaterThan(60);
  });

  test('when sweep starts it, and as repeated when there was one before', async () => {
    const state = { broken: true };
    const { stage, all, run } = await running({
      wrapLauncher: faulty(async (event, invoke) =>
        state.broken && event.purpose === 'recover' ? BOOM : invoke(event),
      ),
    });
    await abort(stage, run);
    await stage.pass(60);
    stage.aws.world.states.expire((await stage.recoveries())[0] as string);
    state.broken = false;
    await stage.pass(1_800);
    expect(valuesOf(all, 'RecoveriesStarted')).toEqual([1, 1]);
    expect(valuesOf(all, 'RecoveriesRepeated')).toEqual([0, 1]);
    expect(valuesOf(all, 'ElevationsRecovered')).toEqual([1]);
  });

  test('when sweep starts it, and not as repeated when the event was lost', async () => {
    const { stage, all, run } = await running({ wrapLauncher: deaf });
    await abort(stage, run);
    await stage.pass(1_800);
    expect(valuesOf(all, 'RecoveriesStarted')).toEqual([1]);
    expect(valuesOf(all, 'RecoveriesRepeated')).toEqual([0]);
  });

  test('as repeated, of a run that was redriven and stopped again', async () => {
    const { stage, all, run } = await running();
    await abort(stage, run);
    await stage.pass(300);
    stage.aws.world.states.onEntered = (executionArn, state) => {
      if (executionArn === run && state === 'Restore') void abort(stage, run);
    };
    await stage.redrive(run);
    await stage.pass(300);
    expect(valuesOf(all, 'RecoveriesRepeated')).toEqual([0, 1]);
    // It was recovered before: that is no second end of it.
    expect(valuesOf(all, 'ElevationsRecovered')).toEqual([1]);
    expect(valuesOf(all, 'SecondsElevated')).toHaveLength(1);
  });
});

describe('a restore that does not come to its end', () => {
  test('counts each attempt, and for how long it goes on, although it cannot read what there is to undo', async () => {
    const denied = new AwsError('AccessDenied', 'by an SCP', 403);
    let hindered = false;
    const { stage, all, run } = await running({ intercept: answering('restore', 'GetRole', denied, () => hindered) });
    hindered = true;
    await stage.pass(2 * HOUR);
    const attempts = valuesOf(all, 'RestoreAttempts').length;
    expect(attempts).toBeGreaterThan(10);
    const seconds = valuesOf(all, 'RestoringSeconds').filter((value) => value > 0);
    expect(Math.max(...seconds)).toBeGreaterThan(HOUR);
    expect(valuesOf(all, 'UnexpectedErrors').length).toBe(attempts);
    const thrown = countedIn(all).filter((name) => /RestoreErrors|RehearsalErrors/.test(name));
    expect(thrown).toEqual(Array(attempts).fill('RestoreErrors AwsAccessDenied'));
    hindered = false;
    expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
    expect(valuesOf(all, 'ElevationsSucceeded')).toEqual([1]);
  });

  test('is told by sweep when Restore is dead: for how long the run restores', async () => {
    let dead = false;
    let hindered = false;
    const failing = new AwsError('InternalError', 'An internal error has occurred', 500);
    const { stage, all, run } = await running({
      intercept: answering('restore', 'ReplaceIamInstanceProfileAssociation', failing, () => hindered),
      wrapLauncher: around('Restore', async (event, invoke) => {
        const answer = dead ? BOOM : await invoke(event);
        dead = hindered;
        return answer;
      }),
    });
    hindered = true;
    await stage.pass(3 * HOUR);
    expect(valuesOf(all, 'RestoreAttempts')).toEqual([1]);
    // What is dead counts nothing: Lambda's Errors without RestoreErrors is the alarm RestoreCrashes.
    expect(valuesOf(all, 'RestoreErrors')).toEqual([1]);
    const told = all.filter(({ SweepFinished }) => SweepFinished).at(-1) as Line;
    expect(told.RestoringSeconds).toBeGreaterThan(2 * HOUR);
    expect(told.RecordsPastExpiry).toBe(0);
    hindered = dead = false;
    await stage.ended(run);
  });
});

describe('sweep tells', () => {
  const lastOf = (all: Line[]) => all.filter(({ SweepFinished }) => SweepFinished).at(-1) as Line;

  test('of records that are open long after their grant has ended; of one that was stopped in time it does not', async () => {
    const dead = around('AwaitScript', async () => ({ payload: { done: false, waitSeconds: 60 } }));
    // Nobody recovers, and nobody is stopped.
    const denied = new AwsError('AccessDenied', 'by an SCP', 403);
    let hindered = true;
    const { stage, all } = await watched({
      wrapLauncher: (launcher) => dead(deaf?.(launcher) ?? launcher),
      intercept: answering('sweep', 'StopExecution', denied, () => hindered),
    });
    // 30 minutes of work, 15 more until the grant ends, 30 until it is told.
    await stage.start(request(undefined, { durationMinutes: 30 }));
    await stage.pass(70 * 60);
    await sweepNow(stage);
    expect(lastOf(all)).toMatchObject({ RecordsPastExpiry: 0, Stopped: 0 });
    await stage.pass(10 * 60);
    await sweepNow(stage);
    expect(lastOf(all)).toMatchObject({ RecordsPastExpiry: 1, Stopped: 0 });
    hindered = false;
    await stage.pass(HOUR);
    await sweepNow(stage);
    expect(lastOf(all)).toMatchObject({ RecordsPastExpiry: 0 });
  });

  test("how much of the account's quota of roles is used", async () => {
    const { stage, all } = await watched();
    const { SummaryMap } = await stage.aws.world.asRoot('iam', 'GetAccountSummary', {});
    await sweepNow(stage);
    expect(lastOf(all).RolesUsedPercent).toBeCloseTo((100 * SummaryMap.Roles) / SummaryMap.RolesQuota, 6);
  });

  test('all the rest when IAM does not tell that', async () => {
    const denied = new AwsError('AccessDenied', 'no', 403);
    const { stage, all } = await watched({ intercept: answering('sweep', 'GetAccountSummary', denied) });
    await sweepNow(stage);
    expect(lastOf(all)).not.toHaveProperty('RolesUsedPercent');
    expect(all.filter(({ level }) => level === 'WARN')).toMatchObject([{ error: 'AwsAccessDenied' }]);
  });

  test('nothing of a recovery that it could not start', async () => {
    const denied = new AwsError('AccessDenied', 'by an SCP', 403);
    const { stage, all, run } = await running({
      wrapLauncher: deaf,
      intercept: answering('sweep', 'StartExecution', denied),
    });
    await abort(stage, run);
    await stage.pass(1_800);
    expect(valuesOf(all, 'RecoveriesStarted')).toEqual([]);
    expect(lastOf(all)).toMatchObject({ Unexplained: 1 });
  });
});

test('a lost list of recoveries hinders no recovery', async () => {
  let lists = 0;
  const denied = new AwsError('AccessDenied', 'no', 403);
  const { stage, all, run } = await running({
    wrapLauncher: deaf,
    // The first of sweep's lists is the one of those that run.
    intercept: answering('sweep', 'ListExecutions', denied, () => ++lists === 2),
  });
  await abort(stage, run);
  await stage.pass(1_800);
  expect(lists).toBe(2);
  expect(valuesOf(all, 'RecoveriesStarted')).toEqual([1]);
  expect(await attachedNow(stage)).toEqual(['app associated']);
});

test('a run whose end Restore tells twice, because its answer was lost, has ended once', async () => {
  let lost = 1;
  const { stage, all } = await watched({
    wrapLauncher: around('Restore', async (event, invoke) => {
      const answer = await invoke(event);
      return lost-- > 0 ? BOOM : answer;
    }),
  });
  await stage.ended(await stage.start(request()));
  expect(valuesOf(all, 'ElevationsSucceeded')).toEqual([1]);
  expect(valuesOf(all, 'RestoreAttempts').length).toBeGreaterThan(1);
  expect(valuesOf(all, 'SecondsElevated')).toHaveLength(1);
});

test('a run that waits for its instance starts once', async () => {
  const { stage, all, run } = await running();
  const next = await stage.start(request(undefined, { waitForInstanceMinutes: 60 }), 'next');
  for (const it of [run, next]) expect(await stage.ended(it)).toMatchObject({ status: 'SUCCEEDED' });
  expect(valuesOf(all, 'ElevationsStarted')).toEqual([1, 1]);
});

test('an instance that was stopped before its profile was taken off was never elevated', async () => {
  let stop: () => unknown = () => undefined;
  const { stage, all } = await watched({ wrapLauncher: rightBefore('SwapProfile', async () => stop()) });
  stop = () => stage.aws.world.ec2.stopInstance(INSTANCE);
  await stage.ended(await stage.start(request()));
  expect(endsIn(all)).toEqual(['ElevationsFailed InstanceNotRunning', 'ElevationsRestored', 'ElevationsStarted']);
});

test('a time of a schedule that has its run counts no more; each that could not be started does', async () => {
  const { stage, all } = await watched();
  const { lambda, iam, account } = stage.aws.world;
  const { principal } = iam.accessKey(iam.rootKey.accessKeyId)!;
  const tell = (told: object) =>
    stage.during(
      lambda.invoke(`arn:aws:lambda:us-east-1:${account}:function:${DEPLOYMENT}-runScheduled`, told, principal),
    );
  const schedule = `arn:aws:scheduler:us-east-1:${account}:schedule/${DEPLOYMENT}/nightly`;
  const told = { schedule, scheduledTime: '2026-01-05T01:30:00Z', request: request() };
  await tell(told);
  await stage.pass(HOUR);
  for (const event of [told, { ...told, request: {} }]) await tell(event);
  const counted = countedIn(all).filter((name) => name.startsWith('Scheduled'));
  expect(counted).toEqual(['ScheduledStarts', 'ScheduledStartsFailed RequestInvalid']);
});

test('every metric of the list was written by one of these tests, as the list and the format want it, and no other', () => {
  const written = everyLine.filter(({ _aws }) => _aws);
  expect(written.flatMap(wrongIn)).toEqual([]);
  const names = written.flatMap(directivesOf).flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
  expect([...new Set(names)].toSorted()).toEqual(Object.keys(METRICS).toSorted());
});
