import { describe, expect, test } from '@jest/globals';
import { ROUTES } from '../../../state-machine/routes';
import { expectProblem } from './asking';
import { bareFunction, CALLER, type Event, eventOf, INSTANCE, STARTS } from './bare';
import { expectAsDocumented } from './contract';

async function ask(event: Event) {
  const { answer, started } = bareFunction();
  const given = await answer(event);
  expectAsDocumented(event.httpMethod, event.path, given);
  return { ...given, started };
}

const PATHS = ROUTES.map(({ method, path }) => ({
  method,
  path: path.replace('{grant}', 'read').replace('{instanceId}', INSTANCE).replace('{name}', 'job-1'),
}));

test.each(PATHS)('$method $path is known', async ({ method, path }) => {
  expect(['RouteNotFound', 'MethodNotAllowed']).not.toContain((await ask(eventOf(method, path))).body.title);
});

describe.each(PATHS)('$method $path', ({ method, path }) => {
  test('in any other form is no route', async () => {
    const half = Math.ceil(path.length / 2);
    const forms = [
      ...[`${path}/`, `/${path}`, path.replace('/', '//'), `${path}/.`, `${path}/..`, `/.${path}`, `/x/..${path}`],
      ...[`${path}%2F`, path.replace('s', '%73'), `${path};a=b`, `${path}?x`, `${path}#x`, `${path} `, ` ${path}`],
      ...[`${path}\u0000`, `${path}\n`, path.slice(1), path.replaceAll('/', '\\'), path.toUpperCase(), `${path}/x/y/z`],
      ...[`${path.slice(0, half)}\u200b${path.slice(half)}`, `${path}é`, '', '/', '*', '/v1/v1', `https://x${path}`],
    ];
    for (const form of forms) {
      const event = { ...eventOf(method, path), path: form };
      event.requestContext.path = `/v1${form}`;
      const { status, body, started } = await ask(event);
      expect([form, status, body.title, started]).toEqual([form, 404, 'RouteNotFound', []]);
    }
  });

  test('with other methods says which there are', async () => {
    const allowed = PATHS.filter((one) => one.path === path).map((one) => one.method);
    for (const other of [
      'GET',
      'HEAD',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'OPTIONS',
      'TRACE',
      'get',
      'ANY',
      '__proto__',
      '',
    ]) {
      if (allowed.includes(other as 'GET')) continue;
      const { status, headers, body } = await ask(eventOf(other, path));
      expect([other, status, body.title, headers.allow]).toEqual([other, 405, 'MethodNotAllowed', allowed.join(', ')]);
    }
  });
});

describe('what API Gateway saw otherwise is no route', () => {
  const OTHER = 'i-00000000000000000';
  test.each<[string, Event]>([
    ['another resource', { resource: '/{proxy+}' }],
    ['no resource that there is', { resource: '' }],
    ['another instance', { pathParameters: { grant: 'read', instanceId: OTHER } }],
    ['another grant', { pathParameters: { grant: 'others', instanceId: INSTANCE } }],
    ['fewer parameters', { pathParameters: { grant: 'read' } }],
    ['none', { pathParameters: null }],
    ['one more', { pathParameters: { grant: 'read', instanceId: INSTANCE, name: 'x' } }],
    ['its parameters, escaped', { pathParameters: { grant: 'rea%64', instanceId: INSTANCE } }],
    ['another path', { requestContext: { path: `/v1${STARTS.replace(INSTANCE, OTHER)}` } }],
    ['more before the path', { requestContext: { path: `/v1/x${STARTS}` } }],
    ['an escape before it', { requestContext: { path: `/v%31${STARTS}` } }],
  ])('%s', async (_, change) => {
    const { started, ...answer } = await ask(eventOf('POST', STARTS, change));
    expectProblem(answer, 404, 'RouteNotFound');
    expect(started).toEqual([]);
  });

  test('but a domain of its own has no stage before the path', async () => {
    const { status, headers } = await ask(eventOf('POST', STARTS, { requestContext: { path: STARTS } }));
    expect([status, headers.location]).toEqual([202, expect.stringMatching(`^${STARTS}/key-`)]);
  });
});

test.each(PATHS.filter(({ path }) => path !== '/elevations'))(
  '$method $path has no query, whatever its name',
  async ({ method, path }) => {
    const asked = JSON.parse('{"__proto__":["1"],"constructor":["2"],"":["3"]}');
    const { status, body } = await ask(eventOf(method, path, { multiValueQueryStringParameters: asked }));
    const parameters = body.errors.map(({ parameter }: { parameter: string }) => parameter);
    expect([status, parameters]).toEqual([400, ['__proto__', 'constructor', '']]);
  },
);

describe('who asks', () => {
  test.each<[string, object]>([
    ['nobody', {}],
    ['an anonymous caller', { userArn: null, user: null }],
    ['half a caller', { userArn: CALLER.arn }],
    ['what is no ARN', { userArn: 'jane', user: 'jane' }],
  ])('%s is turned away', async (_, identity) => {
    for (const { method, path } of [...PATHS, { method: 'GET', path: '/nowhere' }]) {
      const { started, ...answer } = await ask(eventOf(method, path, { requestContext: { identity } }));
      expectProblem(answer, 403, 'NotSigned');
      expect(started).toEqual([]);
    }
  });

  test("must be among the grant's requesters, and may hold what can be held", async () => {
    const { answer, started } = bareFunction();
    expectProblem(await answer(eventOf('POST', STARTS.replace('/read', '/others'))), 403, 'RequesterNotAllowed');
    const hold = { body: '{"work":{"hold":{}}}' };
    expectProblem(await answer(eventOf('POST', STARTS.replace('/read', '/no-hold'), hold)), 403, 'HoldNotAllowed');
    expect(started).toEqual([]);
    expect((await answer(eventOf('POST', STARTS, hold))).body).toMatchObject({ work: 'hold', status: 'RUNNING' });
  });
});

test('what was started before its grant was narrowed is still the answer to a repetition, and to nothing else', async () => {
  const requester = { ...CALLER, key: 'job-1' };
  const input = {
    instanceId: INSTANCE,
    grant: 'others',
    work: { shell: ['echo done'] },
    baseline: 'inherit',
    requester,
  };
  const { answer, started } = bareFunction(JSON.stringify(input));
  const again = await answer(eventOf('POST', STARTS.replace('/read', '/others')));
  expect([again.status, again.body.status]).toEqual([202, 'SUCCEEDED']);
  const other = { body: '{"work":{"shell":["echo other"]}}' };
  expectProblem(await answer(eventOf('POST', STARTS.replace('/read', '/others'), other)), 403, 'RequesterNotAllowed');
  expect(started).toEqual([]);
});

test.each<[string, Event]>([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'x'],
  ['an event of a rule', { detail: { executionArn: 'x' } }],
  ['a Task', { document: { request: {} }, execution: { Id: 'x' }, state: {} }],
  ['half an event', { requestContext: { requestId: 'c0ffee' } }],
])('%s instead of an event is answered, and counted', async (_, event) => {
  const { answer, log } = bareFunction();
  expectProblem(await answer(event), 500, 'AwsCallFailed');
  expect(log.filter((line) => line.includes('"UnexpectedErrors":1'))).toHaveLength(1);
});
