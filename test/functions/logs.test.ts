import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { create as createRecover } from '../../functions/recover/handler';
import { AwsError, type Intercept } from '../../local';
import { createStage, DEPLOYMENT, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';
import { deaf, FIRST, HOUR, somebodyMakesProfile, sweepNow, TEMP } from './sweeps';
import { type Line, lines, watched } from './watched';
import { SETTLED } from './worlds';

const GRANT = 'run-remote-script';
const RUN = { execution: FIRST, instanceId: INSTANCE, grant: GRANT, requester: 'direct-start' };
const abort = ({ aws }: Stage) => aws.world.asRoot('states', 'StopExecution', { executionArn: FIRST });

/** Keys that a line should have and has not, with the line. */
const missing = (line: Line, keys: readonly string[]): string[] =>
  keys
    .filter((key) => typeof line[key] !== 'string' || line[key] === '')
    .map((key) => `${key}: ${JSON.stringify(line)}`);

/** Called by rules and by CloudFormation: their events are not about one run, or do not say it in our words. */
const OF_EVENTS = ['sweep', 'recover', 'guardRelease'];
const OF_EVERY_LINE = ['level', 'message', 'function', 'requestId', 'deployment'] as const;

/** Every call of a function by which something changes, as the embedded AWS sees it, and how it ended. */
function changes() {
  const all: string[] = [];
  const intercept: Intercept = async ({ service, operation, principal, input }, proceed) => {
    const folder = principal.name?.startsWith(`${DEPLOYMENT}-`) && principal.name.split('-').at(-1);
    if (!folder || /^(Get|List|Describe)/.test(operation)) return proceed();
    const { RoleName = '' } = input as { RoleName?: string };
    const what = `${folder} ${service}:${operation} ${RoleName}`;
    try {
      const answer = await proceed();
      all.push(`${what} changed`);
      return answer;
    } catch (error) {
      all.push(`${what} not changed`);
      throw error;
    }
  };
  return { all, intercept };
}

const changesIn = (all: Line[]): string[] =>
  all
    .filter(({ action }) => action)
    .map((line) => `${line.function} ${line.action} ${line.role ?? ''} ${line.message}`);

/** A run that succeeds, or that is aborted in mid-script and recovered; its role drains and is deleted. */
async function story(aborted: boolean, options: StageOptions = {}) {
  const { stage, all } = await watched(options);
  await stage.start(request({ shell: ['sleep 300'] }));
  await stage.pass(SETTLED);
  if (aborted) await abort(stage);
  await stage.pass(9 * HOUR);
  return { stage, all };
}

/** A run of a script that somebody starts by hand has neither of these. */
const NOT_IN_THE_STORY = ['common', 'hold', 'requestElevation', 'runScheduled'];

describe.each([
  ['a whole run', false],
  ['an aborted run, its recovery', true],
])('%s, and the sweeps until nothing is left of it', (_, aborted) => {
  test('every line says which function it is from; what it is about, all that is known of that', async () => {
    const { all } = await story(aborted);
    const folders = readdirSync(join(__dirname, '..', '..', 'functions')).filter(
      (name) => !NOT_IN_THE_STORY.includes(name),
    );
    expect([...new Set(all.map((line) => line.function))].toSorted()).toEqual(
      aborted ? folders : folders.filter((name) => name !== 'recover'),
    );
    expect(all.flatMap((line) => missing(line, OF_EVERY_LINE))).toEqual([]);
    expect(new Set(all.map(({ deployment }) => deployment))).toEqual(new Set([DEPLOYMENT]));
    const ofMachines = all.filter((line) => !OF_EVENTS.includes(line.function));
    expect(ofMachines.flatMap((line) => missing(line, ['step', 'execution']))).toEqual([]);
    const ofTheRun = ofMachines.filter(({ purpose }) => purpose !== 'recover');
    for (const line of ofTheRun) expect(line).toMatchObject(RUN);
    // Restore and recover know the run by its ARN, until they have read what it was.
    for (const name of ['restore', 'recover']) {
      const ofRecovery = all.filter(
        (line) => line.function === name && line.purpose !== 'restore' && !line.step?.startsWith('Rehearse'),
      );
      expect(ofRecovery.length > 0).toBe(aborted);
      for (const line of ofRecovery) expect(line).toMatchObject(line.message === 'begin' ? { execution: FIRST } : RUN);
    }
    const ofSweep = all.filter((line) => line.function === 'sweep' && line.role);
    expect(ofSweep.map(({ action }) => action)).toContain('iam:DeleteRole');
    for (const line of ofSweep) expect(line).toMatchObject({ ...RUN, role: TEMP });
  });

  test('each change that a function makes has one line, and nothing else has', async () => {
    const heard = changes();
    const { all } = await story(aborted, { intercept: heard.intercept });
    expect(heard.all.length).toBeGreaterThan(15);
    expect(changesIn(all).toSorted()).toEqual(heard.all.toSorted());
  });
});

test('a change that AWS refused is said as one that was not made, with the error', async () => {
  let refused = 1;
  const intercept: Intercept = async ({ operation, principal }, proceed) => {
    const swaps = operation === 'ReplaceIamInstanceProfileAssociation' && principal.name?.endsWith('-swapProfile');
    if (swaps && refused-- > 0) throw new AwsError('IncorrectState', 'said by the test', 400);
    return proceed();
  };
  const { stage, all } = await watched({ intercept });
  await stage.ended(await stage.start(request()));
  const swaps = all.filter((line) => line.function === 'swapProfile' && line.action);
  expect(swaps).toMatchObject([
    { message: 'not changed', error: 'IncorrectState', profile: expect.stringContaining(TEMP), ...RUN },
    { message: 'changed', action: 'ec2:ReplaceIamInstanceProfileAssociation', ...RUN },
  ]);
});

describe('Restore says', () => {
  const ends = (all: Line[]) => all.filter(({ message }) => /^(restoring|restored|not restored)$/.test(message));

  test('at each look what it waits for, and at its end what it has found and done', async () => {
    const { stage, all } = await watched();
    await stage.start(request({ shell: ['sleep 300'] }));
    await stage.pass(SETTLED);
    await abort(stage);
    await stage.pass(300);
    const has = expect.stringMatching(/^i-\w+ has .*\/app\.$/);
    expect(ends(all)).toMatchObject([
      { level: 'INFO', message: 'restoring', notes: [has], ...RUN },
      { level: 'INFO', message: 'restored', result: 'Succeeded', restored: 'already-back', notes: [has], ...RUN },
    ]);
    expect(ends(all)[0]?.recovery).toContain(`${DEPLOYMENT}-recovery:`);
  });

  test('its obstacle, and that a person is needed', async () => {
    let denied = false;
    const intercept: Intercept = async ({ operation, principal }, proceed) => {
      const gives = operation === 'ReplaceIamInstanceProfileAssociation' && principal.name?.endsWith('-restore');
      if (gives && denied) throw new AwsError('UnauthorizedOperation', 'by an SCP', 403);
      return proceed();
    };
    const { stage, all } = await watched({ intercept });
    const run = await stage.start(request({ shell: ['sleep 300'] }));
    await stage.pass(SETTLED);
    denied = true;
    await stage.ended(run);
    const said = ends(all);
    expect(said[0]).toMatchObject({ message: 'restoring', obstacle: { kind: 'denied' }, ...RUN });
    expect(said.at(-1)).toMatchObject({
      level: 'ERROR',
      message: 'not restored',
      restored: 'stuck',
      error: 'RestoreFailed',
    });
  });
});

describe('sweep says to which role, of which run, on which instance', () => {
  test('it started a recovery', async () => {
    const { stage, all } = await watched({ wrapLauncher: deaf });
    await stage.start(request({ shell: ['sleep 3000'] }));
    await stage.pass(SETTLED);
    await abort(stage);
    await stage.pass(1_800);
    const [started, ...more] = all.filter((line) => line.function === 'sweep' && line.action);
    expect(started).toMatchObject({
      action: 'states:StartExecution',
      ...RUN,
      recovery: expect.stringContaining('-recovery:'),
    });
    expect(more).toEqual([]);
  });

  test('it cannot explain something about it', async () => {
    const { stage, all } = await watched();
    await stage.ended(await stage.start(request()));
    await stage.aws.world.asRoot('iam', 'UntagRole', { RoleName: TEMP, TagKeys: ['stepup:original'] });
    await somebodyMakesProfile(stage);
    await stage.aws.world.ec2.addInstance({ id: 'i-0fedcba9876543210', tags: {}, profile: TEMP });
    await stage.pass(SETTLED);
    await sweepNow(stage);
    const said = all.filter(({ message }) => message === 'unexplained');
    expect(said.length).toBeGreaterThan(0);
    for (const line of said) expect(line).toMatchObject({ level: 'WARN', role: TEMP, ...RUN });
  });
});

describe('a function that was called with what it does not understand', () => {
  const env = {
    STEPUP_DEPLOYMENT: DEPLOYMENT,
    STEPUP_DRAIN_MINUTES: '420',
    STEPUP_OUTPUT_LOCATIONS: '[]',
    STEPUP_DEFAULT_OUTPUT: 'null',
    STEPUP_RESTORABLE_ROLES: '["*"]',
    STEPUP_INHERITABLE_POLICIES: '["*"]',
  };
  const catalogue = () => ({ grants: {}, core: { Version: '2012-10-17' as const, Statement: [] }, inherit: null });

  test.each([
    ['an event of another release', { detail: {} }, catalogue, 'RequestInvalid'],
    [
      'its own bug',
      { detail: { executionArn: FIRST } },
      () => {
        throw new TypeError('thrown by the test');
      },
      'TypeError',
    ],
  ])('counts %s as unexpected, and says where it was', async (_, event, thrower, errorName) => {
    const { all, log } = lines();
    const handler = createRecover({ env, catalogue: thrower, log, clientSettings: { region: 'us-east-1' } });
    await expect(handler(event, { awsRequestId: 'one' })).rejects.toMatchObject({ name: errorName });
    expect(all.map(({ message }) => message)).toEqual(['begin', 'failed', 'metrics']);
    expect(all[1]?.stack !== undefined).toBe(errorName === 'TypeError');
    expect(all[2]).toMatchObject({ UnexpectedErrors: 1, ErrorName: errorName });
  });

  test('counts what is no deployment of ours as no error of StepUp', async () => {
    const { all, log } = lines();
    const handler = createRecover({ env, catalogue, log, clientSettings: { region: 'us-east-1' } });
    const event = { detail: { executionArn: FIRST.replace(`${DEPLOYMENT}-elevation`, 'another') } };
    await expect(handler(event, { awsRequestId: 'one' })).rejects.toMatchObject({ name: 'RequestInvalid' });
    expect(all.map(({ message }) => message)).toEqual(['begin', 'failed']);
  });
});

test('a log that cannot be written hinders nobody', async () => {
  const log = () => {
    throw new Error('the disk is full');
  };
  const stage = await createStage({ log });
  expect(await stage.ended(await stage.start(request()))).toMatchObject({ status: 'SUCCEEDED' });
});
