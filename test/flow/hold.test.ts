import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import { AwsError } from '../../local';
import type { Launcher } from '../../local/world';
import { FIRST } from '../functions/midRun';
import { attachedNow, SETTLED, somebodyMakes, somebodyReplaces } from '../functions/worlds';
import { withGrants } from '../support/catalogue';
import { held, historyOf, RELEASED, release, tokensOf } from '../support/holding';
import { createStage, DEPLOYMENT, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';
import { createScene } from './crowd';
import { all, attemptsOf, furnish, outcomes } from './grantActions';

const HOLD = request({ hold: {} }, { durationMinutes: 45 });
const OVER = { name: 'TaskTimedOut' };

const stop = ({ sfn, during }: Stage, executionArn: string, error?: string) =>
  during(sfn.send(new StopExecutionCommand({ executionArn, error, cause: error && 'me asked for it' })));

const denyLook: StageOptions['intercept'] = async ({ operation, principal }, proceed) => {
  if (operation === 'GetRole' && principal.name === `${DEPLOYMENT}-hold`) throw new AwsError('AccessDenied', 'no', 403);
  return proceed();
};

const spoilEvent = ({ launch }: Launcher): Launcher => ({
  launch: (fn, ...more) => {
    const running = launch(fn, ...more);
    if (!fn.name.endsWith('-hold')) return running;
    return {
      close: () => running.close(),
      invoke: (event, context) => running.invoke({ ...(event as object), document: 'spoilt' }, context),
    };
  },
});

/** Ends as it began: nothing is left but a role that drains, without the grant. */
async function expectRestored(stage: Stage, before: Awaited<ReturnType<typeof stateOf>>): Promise<void> {
  await stage.pass(2 * SETTLED);
  const { rest, draining } = withoutDraining(await stateOf(stage));
  expect(rest).toEqual(before);
  for (const { inline } of Object.values(draining)) expect(inline).not.toContain('stepup-grant');
}

async function outcomeOf(stage: Stage, run: string) {
  const { status, error, output, stopDate } = await stage.ended(run);
  const { outcome, hold } = JSON.parse(output ?? '{}');
  return { status, error, notes: outcome?.notes ?? [], restored: outcome?.restored, hold, ended: stopDate!.getTime() };
}

describe('a hold', () => {
  test('ends as soon as it is released, and is no error', async () => {
    const stage = await createStage();
    const before = await stateOf(stage);
    const { run, token } = await held(stage, HOLD);
    await stage.pass(600);
    expect(await attachedNow(stage)).toEqual([`${tempName(run)} associated`]);
    const asked = stage.clock.now();
    await release(stage, token);
    const end = await outcomeOf(stage, run);
    expect(end).toMatchObject({ status: 'SUCCEEDED', restored: 'given-back', hold: RELEASED });
    const { by, at } = RELEASED.released;
    expect(end.notes).toContain(`The hold was released by ${by} at ${at}.`);
    expect(end.ended - asked).toBeLessThan(60_000);
    const states = await stage.states(run);
    expect(states.slice(states.indexOf('IsProven'), states.indexOf('Restore') + 1)).toEqual([
      'IsProven',
      'Hold',
      'Restore',
    ]);
    await expectRestored(stage, before);
    expect(await stage.recoveries()).toEqual([]);
    await expect(release(stage, token)).rejects.toMatchObject(OVER);
  });

  test('ends by itself when its time is up, before its grant does, and that is no error either', async () => {
    const stage = await createStage();
    const before = await stateOf(stage);
    const { run } = await held(stage, HOLD);
    const history = await historyOf(stage, run);
    const { output = '' } = history.at(-1)?.taskSubmittedEventDetails ?? {};
    const until = Date.parse(JSON.parse(output).Payload.until);
    const { status, notes, ended } = await outcomeOf(stage, run);
    expect([status, notes[0]]).toEqual(['SUCCEEDED', 'The hold lasted until its time was up.']);
    expect(ended - until).toBeGreaterThanOrEqual(0);
    expect(ended - until).toBeLessThan(60_000);
    expect(until - history.find(({ type }) => type === 'TaskScheduled')!.timestamp!.getTime()).toBe(45 * 60_000);
    await expectRestored(stage, before);
  });

  test('whoever has its token may send anything: the profile comes back', async () => {
    const stage = await createStage();
    const before = await stateOf(stage);
    const { run, token } = await held(stage, HOLD);
    await release(stage, token, ['x'.repeat(10_000)]);
    const { status, notes } = await outcomeOf(stage, run);
    expect([status, notes[0]]).toEqual(['SUCCEEDED', expect.stringContaining('did not say who')]);
    await expectRestored(stage, before);
  });

  test('even more than a state can take: then its recovery restores', async () => {
    const stage = await createStage();
    const before = await stateOf(stage);
    const { run, token } = await held(stage, HOLD);
    await release(stage, token, 'x'.repeat(262_100));
    expect(await stage.ended(run)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    await expectRestored(stage, before);
    expect(await stage.recoveries()).toHaveLength(1);
  });

  test('of half a day costs a handful of events, runs no function, and is not overdue', async () => {
    const invoked: [string, number][] = [];
    let clock: Stage['clock'] | undefined;
    const stage = await createStage({
      wrapLauncher: (launcher) =>
        noting(withGrants({ maxMinutes: 720 })(launcher), (name) => void invoked.push([name, clock?.now() ?? 0])),
    });
    clock = stage.clock;
    const { run } = await held(stage, request({ hold: {} }, { durationMinutes: 720 }));
    const since = stage.clock.now();
    const { status, ended } = await outcomeOf(stage, run);
    expect(status).toBe('SUCCEEDED');
    expect(ended - since).toBeGreaterThan(715 * 60_000);
    const meanwhile = invoked.filter(([, at]) => at > since && at < ended - 60_000);
    expect(new Set(meanwhile.map(([name]) => name))).toEqual(new Set(['sweep']));
    const names = (await historyOf(stage, run)).map(({ type }) => type);
    expect(names.slice(names.indexOf('TaskScheduled') - 1, names.indexOf('TaskTimedOut') + 2)).toEqual([
      ...['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskTimedOut', 'TaskStateExited'],
    ]);
    expect(await stage.recoveries()).toEqual([]);
  });

  test('its token is in the history, once, and in no line of a log', async () => {
    const lines: string[] = [];
    const stage = await createStage({ log: (line) => lines.push(line) });
    const { run, token } = await held(stage, HOLD);
    await release(stage, token);
    await outcomeOf(stage, run);
    const history = await historyOf(stage, run);
    expect(tokensOf(history)).toEqual([token]);
    expect(history.filter((event) => JSON.stringify(event).includes(token)).map(({ type }) => type)).toEqual([
      'TaskScheduled',
    ]);
    const said = lines.map((line) => JSON.parse(line)).filter((line) => line.function === 'hold');
    expect(said.map(({ message }) => message)).toEqual(['begin', 'held', 'end']);
    expect(said[1]).toMatchObject({ execution: run, instanceId: INSTANCE, grant: 'run-remote-script', step: 'Hold' });
    expect(lines.filter((line) => line.includes(token))).toEqual([]);
  });

  test.each<[string, StageOptions, string]>([
    ['that is denied its look', { intercept: denyLook }, 'AwsAccessDenied'],
    ['that does not understand its event', { wrapLauncher: spoilEvent }, 'RequestInvalid'],
  ])('of a function %s: nor is it in its error', async (_what, options, error) => {
    const lines: string[] = [];
    const stage = await createStage({ ...options, log: (line) => lines.push(line) });
    const run = await stage.start(HOLD);
    expect(await stage.ended(run)).toMatchObject({ status: 'FAILED', error });
    const history = await historyOf(stage, run);
    const [token = '', ...others] = tokensOf(history);
    expect([token.length > 100, others]).toEqual([true, []]);
    expect(history.filter((event) => JSON.stringify(event).includes(token)).map(({ type }) => type)).toEqual([
      'TaskScheduled',
    ]);
    expect(lines.filter((line) => line.includes(token))).toEqual([]);
  });

  test('the grant gives nothing any more once it is released, also to who kept its credentials', async () => {
    const stage = await createScene();
    await furnish(stage.aws);
    const granted = attemptsOf(stage.aws, 'run-remote-script');
    const { run, token } = await held(stage, HOLD);
    const kept = stage.aws.world.imds.credentials(INSTANCE)?.credentials;
    expect(await stage.during(outcomes(granted, kept))).toEqual(all(granted, 'allowed'));
    await release(stage, token);
    await outcomeOf(stage, run);
    await stage.pass(SETTLED);
    expect(await stage.during(outcomes(granted, kept))).toEqual(all(granted, 'AccessDenied'));
  });
});

describe('a hold that something happens to', () => {
  test.each([
    ['in the console', undefined],
    ['by a release that came before it', 'Released'],
  ])('stopped %s: it is recovered, and its token is dead', async (_how, error) => {
    const stage = await createStage();
    const before = await stateOf(stage);
    const { run, token } = await held(stage, HOLD);
    await stop(stage, run, error);
    expect(await stage.ended(run)).toMatchObject({ status: 'ABORTED', ...(error && { error }) });
    await expect(release(stage, token)).rejects.toMatchObject(OVER);
    await expectRestored(stage, before);
    expect(await stage.recoveries()).toHaveLength(1);
  });

  test('redriven after that: it is not held again', async () => {
    const stage = await createStage();
    const before = await stateOf(stage);
    const { run, token } = await held(stage, HOLD);
    await stop(stage, run);
    await stage.pass(2 * SETTLED);
    await stage.redrive(run);
    expect(await stage.ended(run)).toMatchObject({ status: 'FAILED', error: 'ElevationClosed' });
    await expect(release(stage, token)).rejects.toMatchObject(OVER);
    await expectRestored(stage, before);
  });

  test('the instance is stopped: it has its profile back after the release', async () => {
    const stage = await createStage();
    const { run, token } = await held(stage, HOLD);
    stage.aws.world.ec2.stopInstance(INSTANCE);
    await stage.pass(SETTLED);
    await release(stage, token);
    expect(await outcomeOf(stage, run)).toMatchObject({ status: 'SUCCEEDED', restored: 'given-back' });
    // Associated when it starts.
    expect(await attachedNow(stage)).toEqual(['app associating']);
    expect((await stateOf(stage)).roles[tempName(run)]?.inline).toEqual([]);
  });

  test('the instance is terminated: nothing is owed to it', async () => {
    const stage = await createStage();
    const { run, token } = await held(stage, HOLD);
    stage.aws.world.ec2.terminateInstance(INSTANCE);
    await stage.pass(SETTLED);
    await release(stage, token);
    expect(await outcomeOf(stage, run)).toMatchObject({ status: 'SUCCEEDED', restored: 'instance-gone' });
    expect(Object.keys((await stateOf(stage)).profiles)).toEqual([expect.stringMatching(/\/app$/)]);
  });

  test('somebody attaches another profile: theirs stays, and the notes say both', async () => {
    const stage = await createStage();
    await somebodyMakes(stage, 'theirs');
    const { run, token } = await held(stage, HOLD);
    await somebodyReplaces(stage, 'theirs');
    await stage.pass(SETTLED);
    await release(stage, token);
    const { status, restored, notes } = await outcomeOf(stage, run);
    expect([status, restored]).toEqual(['SUCCEEDED', 'superseded']);
    expect(notes).toEqual([expect.stringContaining('released by'), expect.stringContaining('theirs')]);
    expect(await attachedNow(stage)).toEqual(['theirs associated']);
  });
});

test.each(['ProveIdentity', 'AwaitScript'])(
  'a release in %s stops the run, and nothing of it goes on',
  async (state) => {
    let now: Stage;
    const stage = await createStage({
      onWorld: ({ states }) => {
        states.onEntered = (run, name) => {
          if (name === state && run === FIRST) now.clock.after(500, () => void stopNow(now));
        };
      },
    });
    now = stage;
    const before = await stateOf(stage);
    const run = await stage.start(state === 'AwaitScript' ? request({ shell: ['sleep 1200'] }) : HOLD);
    expect(await stage.ended(run)).toMatchObject({ status: 'ABORTED', error: 'Released' });
    await expectRestored(stage, before);
    const { running } = await stateOf(stage);
    expect(running).toBe(0);
  },
);

const stopNow = ({ aws }: Stage) =>
  aws.world.asRoot('states', 'StopExecution', { executionArn: FIRST, error: 'Released', cause: 'me asked for it' });

/** Hears of every invocation of a function, by its folder. */
const noting = ({ launch }: Launcher, hear: (name: string) => void): Launcher => ({
  launch: (fn, ...more) => {
    const running = launch(fn, ...more);
    return {
      close: () => running.close(),
      invoke: (event, context) => {
        hear(fn.name.slice(fn.name.lastIndexOf('-') + 1));
        return running.invoke(event, context);
      },
    };
  },
});
