import { describe, expect, test } from '@jest/globals';
import { uuid7 } from '../../../functions/requestElevation/key';
import { LARGEST_REQUEST } from '../../../state-machine/document';
import { expectProblem } from './asking';
import { bareFunction, type Event, eventOf, STARTS } from './bare';

const { answer, started } = bareFunction();
const post = (change: Event) => answer(eventOf('POST', STARTS, change));
const typed = (...types: string[]) => ({ multiValueHeaders: { 'content-type': types } });
const base64 = (bytes: string | Buffer) => ({ isBase64Encoded: true, body: Buffer.from(bytes).toString('base64') });
const shell = (text: string) => JSON.stringify({ work: { shell: [text] } });

describe('a body', () => {
  test.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    ' application/json ',
  ])('of the type %j is read', async (type) => {
    expect((await post(typed(type))).status).toBe(202);
  });

  test.each([
    [''],
    ['text/plain'],
    ['application/problem+json'],
    ['application/json; charset=utf-16'],
    ['application/jsonp'],
    ['application/json, text/plain'],
    ['application/json', 'text/plain'],
    [],
  ])('of the types %j, %j is not', async (...types) => {
    expectProblem(await post(typed(...(types as string[]))), 415, 'MediaTypeNotSupported');
    expectProblem(await post({ multiValueHeaders: null }), 415, 'MediaTypeNotSupported');
  });

  test.each<[string, Event]>([
    ['nothing', { body: null }],
    ['an empty text', { body: '' }],
    ['no JSON', { body: '{"work":' }],
    ['JSON with more behind it', { body: `${shell('x')}}` }],
    ['a byte order mark', { body: `\ufeff${shell('x')}` }],
    ['a field twice', { body: '{"work":{"shell":["a"]},"work":{"shell":["b"]}}' }],
    ['a field twice, once escaped', { body: '{"work":{"shell":["a"]},"\\u0077ork":{"shell":["b"]}}' }],
    ['a field twice, deep inside', { body: '{"work":{"script":{"document":"AWS-X","parameters":{"a":[],"a":[]}}}}' }],
    ['__proto__', { body: '{"work":{"script":{"document":"AWS-X","parameters":{"__proto__":["x"]}}}}' }],
    ['half a character', { body: '{"work":{"shell":["\\ud800"]}}' }],
    ['half a character, as it is', { body: shell('\ud800').replace('\\ud800', '\ud800') }],
    [
      'bytes that are no UTF-8',
      base64(Buffer.concat([Buffer.from('{"reason":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])),
    ],
    ['what is no base64', { isBase64Encoded: true, body: '{"work":{}}' }],
    ['too many levels', { body: `${'['.repeat(10_000)}${']'.repeat(10_000)}` }],
    ['a list', { body: '[]' }],
    ['null', { body: 'null' }],
  ])('of %s is invalid', async (_, change) => {
    expectProblem(await post(change), 400, 'RequestInvalid', ['']);
  });

  test.each([
    ['constructor', '{"work":{"shell":["x"]},"constructor":1}', ['/constructor']],
    ['NaN', '{"work":{"shell":["x"]},"durationMinutes":1e999}', ['/durationMinutes']],
    ['two kinds of work', '{"work":{"shell":["x"],"hold":{}}}', ['/work']],
    ['no work', '{"work":{}}', ['/work']],
    ['a hold with output', '{"work":{"hold":{}},"output":{"s3":"s3://bucket"}}', ['/output']],
    ['a hold with more', '{"work":{"hold":{"for":"45m"}}}', ['/work/hold/for']],
  ])('with %s is invalid at its place', async (_, body, wrong) => {
    expectProblem(await post({ body }), 400, 'RequestInvalid', wrong);
  });

  test('may have 32 KB, and not one byte more', async () => {
    const { length: before } = started;
    const room = LARGEST_REQUEST - Buffer.byteLength(shell(''));
    for (const text of ['x'.repeat(room), 'é'.repeat(Math.floor(room / 2)), '"'.repeat(Math.floor(room / 2))])
      expect(await inputOf(text)).toContain(JSON.stringify(text));
    const count = started.length;
    expect(count).toBe(before + 3);
    for (const text of ['x'.repeat(room + 1), 'é'.repeat(room), 'x'.repeat(40_000)])
      for (const change of [{ body: shell(text) }, base64(shell(text))])
        expectProblem(await post(change), 413, 'InputTooLarge');
    expect(started).toHaveLength(count);
  });

  test('is one request, plain or as base64', async () => {
    const [plain, encoded] = [await post({ body: shell('é') }), await post(base64(shell('é')))];
    expect(encoded).toEqual(plain);
    expect(started.at(-1)).toEqual(started.at(-2));
  });

  test('makes the same input, byte by byte, whatever the order of its fields', async () => {
    const one = { work: { shell: ['x'] }, durationMinutes: 5, reason: 'y' };
    await post({ body: JSON.stringify(one) });
    await post({ body: JSON.stringify(Object.fromEntries(Object.entries(one).reverse()), null, 2) });
    await post({ body: JSON.stringify({ waitForInstanceMinutes: 0, baseline: 'inherit', ...one }) });
    expect([started.at(-2), started.at(-3)]).toEqual([started.at(-1), started.at(-1)]);
  });

  const inputOf = async (text: string): Promise<string> => {
    expect((await post({ body: shell(text) })).status).toBe(202);
    return started.at(-1)!.input;
  };
});

describe('an Idempotency-Key', () => {
  const keyed = (headers: Record<string, string[]>) =>
    post({ multiValueHeaders: { 'content-type': ['application/json'], ...headers } });

  test.each([
    ['job-1', 'job-1'],
    ['"job-1"', 'job-1'],
    [' job-1 ', 'job-1'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['a"b', 'a"b'],
    ['!~', '!~'],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('of %s is %s', async (value, key) => {
    expect((await keyed({ 'IDEMPOTENCY-KEY': [value] })).headers['idempotency-key']).toBe(key);
  });

  test.each(['', '""', '"a b"', 'a b', '"a', '"a"b', '"a";p=1', '"a\\n"', 'é', '\u0000', 'x'.repeat(256)])(
    'of %j is none',
    async (value) => {
      expectProblem(await keyed({ 'idempotency-key': [value] }), 400, 'RequestInvalid', ['Idempotency-Key']);
    },
  );

  test('may be there several times, if all say the same', async () => {
    expect((await keyed({ 'Idempotency-Key': ['a', '"a"'], 'idempotency-key': ['a'] })).status).toBe(202);
    for (const headers of [
      { 'idempotency-key': ['a', 'b'] },
      { 'Idempotency-Key': ['a'], 'idempotency-key': ['b'] },
    ] as Record<string, string[]>[])
      expectProblem(await keyed(headers), 400, 'RequestInvalid', ['Idempotency-Key']);
  });
});

test('a UUIDv7 has its time, and chance for the rest', () => {
  expect(uuid7(0x017f22e279b0, Buffer.from('0cc318c4dc0c0c07398f', 'hex'))).toBe(
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398f',
  );
  expect(uuid7(1)).not.toBe(uuid7(1));
});
