import { describe, expect, test } from '@jest/globals';
import { createApi } from '../../../cli/api/client';
import { ApiFailure } from '../../../cli/api/failure';
import { createSigner } from '../../../cli/api/signer';
import { EXIT } from '../../../cli/exitCodes';
import type { Surroundings } from '../../../cli/surroundings';
import { z } from '../../../state-machine/schema';

const URL_OF_API = 'https://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1';
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const NOW = Date.UTC(2026, 10, 22, 6, 52, 9);
const schema = z.object({ fine: z.boolean() });
const FINE = () => new Response('{"fine": true, "new": 1}');

const problem = (status: number, title: string, more: object = {}, headers = {}) =>
  new Response(JSON.stringify({ type: 'about:blank', title, status, detail: `about ${title}`, ...more }), {
    status,
    headers,
  });

/** The API, as it answers one request after the other; the last answer is that of all later ones. */
function answering(...answers: (() => Response)[]) {
  return signing(async () => KEYS, ...answers);
}

function signing(keys: Parameters<typeof createSigner>[0], ...answers: (() => Response)[]) {
  const sent: Parameters<Surroundings['fetch']>[] = [];
  const slept: number[] = [];
  const around = {
    clock: { now: () => NOW, sleep: async (ms: number) => void slept.push(ms) },
    random: () => 1,
    fetch: async (...request: Parameters<Surroundings['fetch']>) => {
      sent.push(request);
      return (answers[sent.length - 1] ?? answers.at(-1)!)();
    },
  };
  const api = createApi(around, createSigner(keys, 'eu-west-1'), { url: URL_OF_API, region: 'eu-west-1' });
  return { api, sent, slept };
}

const failureOf = (work: Promise<unknown>): Promise<ApiFailure> =>
  work.then(
    () => Promise.reject(new Error('It should have failed')),
    (error) => {
      expect(error).toBeInstanceOf(ApiFailure);
      return error;
    },
  );
const lost = () => {
  throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET', message: 'socket hang up' } });
};

describe('a request', () => {
  test('is signed for execute-api in the region of the API, with its key and body', async () => {
    const { api, sent } = answering(FINE);
    expect(await api.post('/grants/g', schema, { key: 'k 1', body: { work: 1 } })).toEqual({ fine: true });
    const [[url, { method, headers, body }]] = sent as [(typeof sent)[0]];
    expect([url, method, body]).toEqual([`${URL_OF_API}/grants/g`, 'POST', '{"work":1}']);
    expect(headers).toMatchObject({ 'idempotency-key': 'k 1', 'x-amz-date': '20261122T065209Z' });
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261122\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=[^,]*host;idempotency-key;/,
    );
    expect(headers.host).toBeUndefined();
  });

  test('leaves out what is not asked', async () => {
    const { api, sent } = answering(FINE);
    await api.get('/elevations', schema, { next: undefined });
    await api.get('/elevations', schema, { next: 'a+b/c= d' });
    expect(sent.map(([url]) => url)).toEqual([
      `${URL_OF_API}/elevations`,
      `${URL_OF_API}/elevations?next=a%2Bb%2Fc%3D%20d`,
    ]);
  });
});

test("the time is the API's, where this machine's is wrong by more than an answer takes", async () => {
  const at = (seconds: number) => () =>
    new Response('{"fine": true}', { headers: { date: new Date(NOW + seconds * 1_000).toUTCString() } });
  const { api } = answering(at(-1), at(3_600), FINE, at(1));
  const ahead: number[] = [];
  for (let asked = 0; asked < 4; asked++) {
    await api.get('/x', schema);
    ahead.push(api.now() - NOW);
  }
  expect(ahead).toEqual([0, 3_600_000, 3_600_000, 0]);
});

describe('what passes', () => {
  test.each([
    ['429', () => problem(429, 'TooManyRequests')],
    ['503', () => problem(503, 'Unavailable')],
    ['a 504 of somebody between', () => new Response('<html>', { status: 504 })],
    ['a lost answer', lost],
  ])('%s: it is asked again, signed anew, and waited longer each time', async (_, answer) => {
    const { api, sent, slept } = answering(answer, answer, answer, answer, FINE);
    expect(await api.post('/x', schema)).toEqual({ fine: true });
    expect([sent.length, slept]).toEqual([5, [500, 1_000, 2_000, 4_000]]);
  });

  test('the API says how long to wait: not shorter, and no longer than a minute', async () => {
    const saying = (seconds: string) => () => problem(503, 'Unavailable', {}, { 'retry-after': seconds });
    const { api, slept } = answering(saying('7'), saying('86400'), saying('soon'), FINE);
    await api.get('/x', schema);
    expect(slept).toEqual([7_000, 60_000, 2_000]);
  });

  test('for good: 4, after five attempts', async () => {
    const { api, sent } = answering(() => problem(503, 'Unavailable', { requestId: 'r-1' }));
    const failure = await failureOf(api.get('/x', schema));
    expect([sent.length, failure.exitCode, failure.isLasting]).toEqual([5, EXIT.awsFailed, false]);
    expect(failure.message).toBe('Unavailable: about Unavailable\nTry again. (Request r-1.)');
  });

  test('an API that is not reached: 4', async () => {
    const { api } = answering(lost);
    expect(await failureOf(api.get('/x', schema))).toMatchObject({
      exitCode: EXIT.awsFailed,
      message: expect.stringMatching(/^The API was not reached: ECONNRESET: socket hang up\nLook at .*\/v1\/x$/),
    });
  });
});

describe('credentials that cannot be had', () => {
  const none = () => Promise.reject(Object.assign(new Error('Could not load'), { name: 'CredentialsProviderError' }));

  test('at first: nothing was sent, which is lasting', async () => {
    const { api, sent } = signing(none, FINE);
    const failure = await failureOf(api.post('/x', schema));
    expect(failure).toMatchObject({ exitCode: EXIT.awsFailed, isLasting: true });
    expect(failure.message).toMatch(/^AWS was not reached: CredentialsProviderError: Could not load\nSet AWS_PROFILE/);
    expect(sent).toEqual([]);
  });

  test('any more: what was sent before may have arrived', async () => {
    const keys = [async () => KEYS, none];
    const { api, sent } = signing(() => (keys.shift() ?? none)(), lost);
    await expect(api.post('/x', schema)).rejects.not.toBeInstanceOf(ApiFailure);
    expect(sent).toHaveLength(1);
  });
});

describe('what does not pass is not asked again', () => {
  test.each([
    [403, 'NotAuthorized', EXIT.awsFailed, `about NotAuthorized\n  GET ${URL_OF_API}/x\nAsk for execute-api:Invoke`],
    [403, 'NotSigned', EXIT.awsFailed, 'the clock of this machine'],
    [403, 'RequesterNotAllowed', EXIT.refused, 'RequesterNotAllowed: about RequesterNotAllowed'],
    [404, 'RouteNotFound', EXIT.refused, 'it ends with the stage'],
    [404, 'ElevationNotFound', EXIT.refused, '`stepup list`'],
    [418, 'OfALaterRelease', EXIT.refused, 'OfALaterRelease: about OfALaterRelease'],
    [409, 'IdempotencyKeyReused', EXIT.refused, 'another --key'],
  ])('%i %s', async (status, title, exitCode, says) => {
    const { api, sent } = answering(() => problem(status, title));
    const failure = await failureOf(api.get('/x', schema));
    expect(failure).toMatchObject({ exitCode, title, isLasting: true, message: expect.stringContaining(says) });
    expect(sent).toHaveLength(1);
  });

  test('every wrong field, as the option that it comes from', async () => {
    const errors = [
      { pointer: '/durationMinutes', detail: 'too big' },
      { pointer: '/work/shell/0', detail: 'no text' },
      { pointer: '', detail: 'no object' },
      { header: 'Idempotency-Key', detail: 'too long' },
      { parameter: 'grant', detail: 'odd' },
    ];
    const { api } = answering(() => problem(400, 'RequestInvalid', { errors }));
    const { message, exitCode } = await failureOf(api.get('/x', schema));
    expect([exitCode, message]).toEqual([
      EXIT.refused,
      [
        'RequestInvalid: about RequestInvalid',
        '  → --duration, or --for: too big',
        '  → work.shell.0: no text',
        '  → the request: no object',
        '  → Idempotency-Key: too long',
        '  → grant: odd',
      ].join('\n'),
    ]);
  });

  test.each([
    ['a page of somebody else', () => new Response('<html>Welcome', { status: 200 })],
    ['an answer of another release', () => new Response('{"fine": "yes"}')],
    ['a forwarding', () => new Response('', { status: 302, headers: { location: 'https://example.com' } })],
    ['an error of somebody else', () => new Response('{"message": "Forbidden"}', { status: 403 })],
  ])('%s', async (_, answer) => {
    const { api, sent } = answering(answer);
    const failure = await failureOf(api.get('/x', schema));
    expect(failure).toMatchObject({ exitCode: EXIT.awsFailed });
    expect(failure.message).toContain('not as StepUp');
    expect(failure.message).toContain('Look at the URL of the API');
    expect(sent).toHaveLength(1);
  });
});
