import { describe, expect, test } from '@jest/globals';
import { RESTORING } from '../../../functions/requestElevation/release';
import { AwsError } from '../../../local';
import { readMachine } from '../../state-machine/definitions';
import { makeRequester } from '../../support/api';
import { attachedNow, SETTLED } from '../worlds';
import { type Asking, asking, executionArn, expectProblem, HOLD, LONG } from './asking';

type Options = Parameters<typeof asking>[0];
type Started = Asking & { href: string; name: string; release: (body?: unknown) => ReturnType<Asking['ask']> };

/** A stage with an elevation that was started so many seconds ago. */
async function started(body: object, seconds: number, options?: Options): Promise<Started> {
  const all = await asking(options);
  const { href, name } = (await all.start(body)).body;
  await all.stage.pass(seconds);
  const release = (sent?: unknown) => all.ask('POST', `${href}/release`, sent === undefined ? {} : { body: sent });
  return { ...all, href, name, release };
}

/** Counts the calls of requestElevation that change something, and may do something before them. */
function watching(operations: string[], before?: () => unknown): { options: Options; calls: string[] } {
  const calls: string[] = [];
  const intercept: NonNullable<Options>['intercept'] = async ({ operation, principal }, proceed) => {
    if (!operations.includes(operation) || !principal.name?.endsWith('-requestElevation')) return proceed();
    calls.push(operation);
    await before?.();
    return proceed();
  };
  return { options: { intercept }, calls };
}
const CHANGES = ['SendTaskSuccess', 'StopExecution'];

const HELD = 90;

describe('a hold', () => {
  test('shows since when and until when it lasts, and ends at once when it is released', async () => {
    const { stage, ask, href, name, release } = await started(HOLD, HELD);
    const held = (await ask('GET', href)).body;
    expect(held).toMatchObject({ state: 'Hold', work: 'hold', hold: { released: null }, script: null });
    const minutes = (Date.parse(held.hold.until) - Date.parse(held.hold.since)) / 60_000;
    expect(minutes).toBeCloseTo(45, 0);
    expect(Date.parse(held.hold.until)).toBeLessThan(Date.parse(held.expires));
    const { status, body } = await release();
    expect([status, body.hold.released]).toEqual([202, expect.stringContaining('assumed-role/requester/jane AROA')]);
    expect(RESTORING).toContain(body.state);
    const ended = await stage.ended(executionArn(stage, name));
    expect([ended.status, await attachedNow(stage)]).toEqual(['SUCCEEDED', ['app associated']]);
    expect((await ask('GET', href)).body).toMatchObject({
      hold: body.hold,
      outcome: { error: '', restored: 'given-back' },
    });
    expect(await stage.recoveries()).toEqual([]);
  });

  test('that somebody else releases says who it was', async () => {
    const { stage, ask, as, href } = await started(HOLD, HELD);
    const statement = {
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: `arn:aws:execute-api:*:*:*/v1/*${href}/*`,
    };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const joe = as(await stage.during(makeRequester(stage.aws, 'releaser', policy, 'joe')));
    expect(await joe('GET', href)).toMatchObject({ status: 403, body: { title: 'NotAuthorized' } });
    const { status, body } = await joe('POST', `${href}/release`, { body: {} });
    expect([status, body.hold.released]).toEqual([202, expect.stringContaining('releaser/joe')]);
    expect((await ask('GET', href)).body.requester).toContain('requester/jane');
  });

  test('that is released twice, also when it has ended, is released once', async () => {
    const { options, calls } = watching(CHANGES);
    const { stage, name, release } = await started(HOLD, HELD, options);
    expect([(await release()).status, (await release({})).status]).toEqual([202, 202]);
    await stage.ended(executionArn(stage, name));
    const last = await release();
    expect([last.status, last.body.status, calls]).toEqual([200, 'SUCCEEDED', ['SendTaskSuccess']]);
  });

  test('whose time is just up is left to its restore', async () => {
    const { options, calls } = watching(CHANGES, () => all.stage.clock.sleep(6_000));
    const all = await started(HOLD, HELD, options);
    const { stage, ask, href, name, release } = all;
    const { until } = (await ask('GET', href)).body.hold;
    await stage.pass((Date.parse(until) - stage.clock.now()) / 1_000 - 3);
    const { status, body } = await release();
    expect([status, calls, body.hold.released]).toEqual([202, ['SendTaskSuccess'], null]);
    expect(RESTORING).toContain(body.state);
    expect((await stage.ended(executionArn(stage, name))).status).toBe('SUCCEEDED');
  });

  test('between two attempts is asked again, and said so if that takes long', async () => {
    const { options, calls } = watching(['SendTaskSuccess'], () => {
      throw new AwsError('TaskTimedOut', 'not this one');
    });
    const { release } = await started(HOLD, HELD, options);
    const answer = await release();
    expectProblem(answer, 503, 'Unavailable');
    expect([answer.headers['retry-after'], calls.length]).toEqual(['2', 4]);
  });
});

describe('what is not held', () => {
  test('is stopped in its script, which is cancelled, and recovered', async () => {
    const { stage, ask, href, name, release } = await started(LONG, 200);
    const { status, body } = await release();
    expect([status, body.status]).toEqual([202, 'ABORTED']);
    expect(body.outcome).toMatchObject({ error: 'Released', cause: expect.stringContaining('requester/jane') });
    await stage.pass(SETTLED);
    const [recovery = ''] = await stage.recoveries();
    expect((await stage.ended(recovery)).status).toBe('SUCCEEDED');
    expect(await attachedNow(stage)).toEqual(['app associated']);
    expect((await ask('GET', href)).body).toMatchObject({ name, recovery: { status: 'SUCCEEDED' } });
    expect((await release()).status).toBe(200);
  });

  test('is stopped before its hold', async () => {
    const { stage, release } = await started(HOLD, 20);
    expect((await release()).body).toMatchObject({ status: 'ABORTED', outcome: { error: 'Released' }, hold: null });
    await stage.pass(SETTLED);
    await stage.ended((await stage.recoveries())[0] ?? '');
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test('is left alone while it restores', async () => {
    const { options, calls } = watching(CHANGES);
    const { stage, ask, href, name, release } = await started({ work: { shell: ['echo done'] } }, 0, options);
    while (!RESTORING.includes((await ask('GET', href)).body.state)) await stage.pass(2);
    const { status, body } = await release();
    expect([status, body.status, calls]).toEqual([202, 'RUNNING', []]);
    expect((await stage.ended(executionArn(stage, name))).status).toBe('SUCCEEDED');
  });
});

test('a release takes nothing, and names what it does not take', async () => {
  const { ask, release, href, stage, name } = await started(HOLD, HELD);
  expectProblem(await release({ reason: 'x', 'a/b': 1 }), 400, 'RequestInvalid', ['/reason', '/a~1b']);
  expectProblem(await release('[]'), 400, 'RequestInvalid', ['']);
  expectProblem(await release('{'), 400, 'RequestInvalid', ['']);
  const answer = await ask('POST', `${href}/release`, { body: '{}', headers: { 'content-type': 'text/plain' } });
  expectProblem(answer, 415, 'MediaTypeNotSupported');
  const foreign = `${href.replace('run-remote-script', 'read-bucket-prefix')}/release`;
  expectProblem(await ask('POST', foreign), 404, 'ElevationNotFound');
  expect((await stage.ended(executionArn(stage, name))).status).toBe('SUCCEEDED');
});

test('every state from Restore on is one that no release stops', () => {
  const { States } = readMachine('elevation');
  const next = (name: string): string[] => JSON.stringify(States[name]).match(/(?<="(?:Next|Default)":")\w+/g) ?? [];
  const reached = new Set(['Restore']);
  for (const name of reached) for (const one of next(name)) reached.add(one);
  expect(RESTORING).toEqual(expect.arrayContaining([...reached]));
  expect(RESTORING.filter((name) => !(name in States))).toEqual([]);
});
