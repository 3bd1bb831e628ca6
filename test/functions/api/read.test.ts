import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../local';
import { makeProfile } from '../../support/deployed';
import { INSTANCE, type Stage } from '../../support/stage';
import { type Asking, asking, executionArn, expectProblem, LONG, STARTS } from './asking';

const stop = ({ aws }: Stage, name: string, more: object = {}) =>
  aws.world.asRoot('states', 'StopExecution', { executionArn: executionArn({ aws } as Stage, name), ...more });

/** A stage with an elevation that has come as far as its script. */
async function inScript(options?: Parameters<typeof asking>[0]): Promise<Asking & { href: string; name: string }> {
  const all = await asking(options);
  const { href, name } = (await all.start(LONG)).body;
  await all.stage.pass(200);
  return { ...all, href, name };
}

describe('an elevation', () => {
  test('shows where it is, until when, and every state that it was in', async () => {
    const { ask, href, name, stage } = await inScript();
    const { body } = await ask('GET', href);
    expect(body).toMatchObject({
      ...{ name, status: 'RUNNING', state: 'WaitForScript', outcome: null, recovery: null, script: null, hold: null },
      executionArn: executionArn(stage, name),
    });
    expect(body.timeline.map(({ state }: { state: string }) => state)).toEqual(await stage.states(body.executionArn));
    const { Roles } = await stage.aws.world.asRoot('iam', 'ListRoles', { PathPrefix: '/stepup/elevations/' });
    const { Tags } = await stage.aws.world.asRoot('iam', 'ListRoleTags', { RoleName: Roles[0].RoleName });
    expect(Tags).toContainEqual({ Key: 'stepup:expires', Value: body.expires });
  });

  test('that has failed shows why, its exit code, the end of its output, and that the profile is back', async () => {
    const { ask, start, stage } = await asking();
    const long = `${'x'.repeat(5_000)}END`;
    const { body } = await start({ work: { shell: [`echo ${long}`, 'exit 7'] } });
    await stage.ended(executionArn(stage, body.name));
    const shown = (await ask('GET', body.href)).body;
    expect(shown).toMatchObject({
      ...{ status: 'FAILED', state: 'ElevationFailed', recovery: null },
      outcome: { error: 'ScriptFailed', restored: 'given-back' },
      script: { status: 'ScriptFailed', exitCode: 7, truncated: true },
    });
    expect(shown.outcome.cause).toContain('exit code 7');
    expect([shown.script.stdout.length, shown.script.stdout.trim().slice(-3)]).toEqual([4_000, 'END']);
  });

  test('that was refused had changed nothing', async () => {
    const { ask, start, stage } = await asking({ tags: { 'stepup:grants': 'other' } });
    const { body } = await start();
    await stage.ended(executionArn(stage, body.name));
    expect((await ask('GET', body.href)).body).toMatchObject({
      ...{ status: 'FAILED', state: 'Refused', expires: null, recovery: null },
      outcome: { error: 'GrantNotAllowedHere', restored: null, notes: [] },
    });
  });

  test('that was stopped says that a recovery goes on, and then what became of the profile', async () => {
    const { ask, href, name, stage } = await inScript();
    await stop(stage, name, { error: 'Enough', cause: 'by hand' });
    expect((await ask('GET', href)).body).toMatchObject({
      ...{ status: 'ABORTED', state: 'WaitForScript', recovery: null },
      outcome: { error: 'Enough', cause: 'by hand', restored: null, notes: [expect.stringContaining('begins within')] },
    });
    await stage.pass(5);
    const [recovery = ''] = await stage.recoveries();
    expect((await ask('GET', href)).body).toMatchObject({
      recovery: { executionArn: recovery, status: 'RUNNING' },
      outcome: { restored: null, notes: [expect.stringContaining('a recovery restores it')] },
    });
    await stage.ended(recovery);
    expect((await ask('GET', href)).body).toMatchObject({
      ...{ status: 'ABORTED', recovery: { executionArn: recovery, status: 'SUCCEEDED' } },
      outcome: { error: 'Enough', restored: expect.stringMatching(/^(given|already)-back$/) },
    });
  });

  test('that was stopped without a word, before anything was made, says so', async () => {
    const { ask, start, stage } = await asking({ intercept: slowlyCaptured });
    const { body } = await start();
    await stop(stage, body.name);
    expect((await ask('GET', body.href)).body).toMatchObject({
      outcome: { error: 'Aborted', cause: '', restored: null, notes: [] },
    });
  });

  test('whose recovery has failed says so', async () => {
    const { ask, href, name, stage } = await inScript();
    await stop(stage, name);
    await stage.pass(5);
    const [recovery = ''] = await stage.recoveries();
    await stage.aws.world.asRoot('states', 'StopExecution', { executionArn: recovery, error: 'Oh' });
    expect((await ask('GET', href)).body.outcome).toMatchObject({
      restored: null,
      notes: [
        'It ended before it had restored: its recovery has ended as ABORTED, Oh. Sweep tries again; see the runbook.',
      ],
    });
  });

  test('has ended as soon as its history says so, although its description lags', async () => {
    const { ask, start, stage } = await asking({
      intercept: async ({ operation, principal }, proceed) => {
        const answer = (await proceed()) as { status?: string; stopDate?: Date; error?: string };
        if (operation !== 'DescribeExecution' || !principal.name?.endsWith('-requestElevation')) return answer;
        return { ...answer, status: 'RUNNING', stopDate: undefined, output: undefined };
      },
    });
    const { body } = await start({ work: { shell: ['exit 7'] } });
    const { stopDate } = await stage.ended(executionArn(stage, body.name));
    const shown = (await ask('GET', body.href)).body;
    expect(shown).toMatchObject({ status: 'FAILED', stopped: stopDate?.toISOString() });
  });

  test('is not found under another grant, instance or name, and all of that reads the same', async () => {
    const { ask, start, stage } = await asking();
    const { href, name } = (await start()).body;
    const mine = await stage.start({ anything: true }, 'by-hand');
    expect(mine).toContain('by-hand');
    const paths = [
      href.replace('run-remote-script', 'read-bucket-prefix'),
      href.replace(INSTANCE, 'i-00000000000000000'),
      href.replace(name, 'nothing'),
      href.replace(name, 'by-hand'),
    ];
    for (const path of paths) {
      const [, , grant, , instance, , asked] = path.split('/');
      const answer = await ask('GET', path);
      expectProblem(answer, 404, 'ElevationNotFound');
      expect(answer.body.detail).toContain(`There is no elevation '${asked}' of grant '${grant}' on ${instance}: GET`);
    }
  });

  test('names that no elevation has are refused with all that is wrong', async () => {
    const { ask } = await asking();
    const path = `/grants/No/instances/i-1/elevations/${'n'.repeat(81)}?x=1`;
    expectProblem(await ask('GET', path), 400, 'RequestInvalid', ['grant', 'instanceId', 'name', 'x']);
  });
});

/** CaptureProfile waits for EC2 as long as anybody looks. */
const slowlyCaptured: NonNullable<Parameters<typeof asking>[0]>['intercept'] = async (
  { operation, principal },
  proceed,
) => {
  if (operation === 'DescribeInstances' && principal.name?.endsWith('-captureProfile'))
    throw new AwsError('RequestLimitExceeded', 'later', 503);
  return proceed();
};

const names = ({ body }: { body: { elevations: { name: string }[] } }) => body.elevations.map(({ name }) => name);

/** Runs of two instances that failed at once, of which every third is of INSTANCE. */
async function many(count: number, options?: Parameters<typeof asking>[0]): Promise<Asking & { all: string[] }> {
  const all = await asking(options);
  const { stage } = all;
  const started: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const instanceId = at % 3 === 0 ? INSTANCE : 'i-00000000000000000';
    await stage.start({ instanceId, grant: 'nothing', work: { hold: {} } }, `run-${at}`);
    started.unshift(`run-${at}`);
    await stage.pass(2);
  }
  return { ...all, all: started };
}

describe('the elevations', () => {
  test('are listed page by page, the newest first, each once', async () => {
    const { ask, all, stage } = await many(12);
    await stage.start({ what: 'is no request' }, 'odd');
    const seen: string[] = [];
    let next = '';
    do {
      const page = await ask('GET', `/elevations?limit=5${next}`);
      expect(page.status).toBe(200);
      seen.push(...names(page));
      next = page.body.next && `&next=${page.body.next}`;
    } while (next);
    expect(seen).toEqual(all);
    expect((await ask('GET', '/elevations')).body).toMatchObject({ next: null });
    expect(names(await ask('GET', '/elevations?status=RUNNING&limit=50'))).toEqual([]);
    expect(names(await ask('GET', '/elevations?status=FAILED&limit=50'))).toEqual(all);
  });

  test('of an instance are its own, in bounded pages', async () => {
    const { ask, all } = await many(12);
    const own = all.filter((_, at) => (11 - at) % 3 === 0);
    const seen: string[] = [];
    let [next, pages] = ['', 0];
    do {
      const page = await ask('GET', `/instances/${INSTANCE}/elevations?limit=2${next}`);
      seen.push(...names(page));
      next = page.body.next && `&next=${page.body.next}`;
      pages += 1;
    } while (next);
    expect(seen).toEqual(own);
    expect(pages).toBeGreaterThan(1);
    expect(names(await ask('GET', '/instances/i-11111111/elevations'))).toEqual([]);
  });

  test('are described once, not again with each list', async () => {
    let described = 0;
    const { ask } = await many(3, {
      intercept: async ({ operation, principal }, proceed) => {
        if (operation === 'DescribeExecution' && principal.name?.endsWith('-requestElevation')) described += 1;
        return proceed();
      },
    });
    for (let times = 0; times < 3; times += 1) await ask('GET', '/elevations');
    expect(described).toBe(3);
  });

  test('what a list does not know is refused by name, and a cursor is good for its own list only', async () => {
    const { ask } = await many(3);
    const { next } = (await ask('GET', '/elevations?limit=1')).body;
    const wrong: [string, string[]][] = [
      ['/elevations?limit=0&status=DONE&next=x&since=1', ['since', 'limit', 'status', 'next']],
      ['/elevations?limit=51', ['limit']],
      ['/elevations?limit=1&limit=2', ['limit']],
      ['/elevations?limit=01', ['limit']],
      [`/elevations?status=FAILED&next=${next}`, ['next']],
      [`/instances/${INSTANCE}/elevations?next=${next}`, ['next']],
      [`/elevations?next=${next}A`, ['next']],
      ['/instances/I-1/elevations', ['instanceId']],
      ['/grants?limit=1', ['limit']],
    ];
    for (const [path, at] of wrong) expectProblem(await ask('GET', path), 400, 'RequestInvalid', at);
  });

  test.each([
    ['has forgotten', new AwsError('InvalidToken', "Invalid Token: 'Invalid token'")],
    ['never made', new AwsError('ValidationException', 'nextToken failed to satisfy constraint')],
  ])('a cursor that Step Functions %s is refused', async (_, error) => {
    const { ask } = await many(3, {
      intercept: async ({ operation, input }, proceed) => {
        if (operation !== 'ListExecutions' || !(input as { nextToken?: string }).nextToken) return proceed();
        throw error;
      },
    });
    const { next } = (await ask('GET', '/elevations?limit=1')).body;
    expectProblem(await ask('GET', `/elevations?next=${next}`), 400, 'RequestInvalid', ['next']);
  });
});

test('the grants say what they allow', async () => {
  const { ask } = await asking();
  const { body } = await ask('GET', '/grants');
  expect(body.grants.map(({ name }: { name: string }) => name)).toEqual(['read-bucket-prefix', 'run-remote-script']);
  expect(body.grants[1]).toMatchObject({
    hold: true,
    requesters: null,
    documents: expect.arrayContaining(['AWS-RunRemoteScript']),
  });
  expect(body.grants[1].allows[0]).toMatchObject({ Effect: 'Allow' });
});

test('the doctor answers for an instance, and knows which there are', async () => {
  const { ask, stage } = await asking();
  await stage.during(makeProfile(stage.aws, 'other'));
  expect((await ask('GET', `/instances/${INSTANCE}`)).body).toMatchObject({ instanceId: INSTANCE });
  expectProblem(await ask('GET', '/instances/i-11111111'), 404, 'InstanceNotFound');
});

test('the path of starting is of POST, and does not hide what is below', async () => {
  const { ask } = await asking();
  expectProblem(await ask('GET', STARTS), 405, 'MethodNotAllowed');
});
