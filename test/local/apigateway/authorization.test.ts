import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../../../local';
import type { HttpRequest } from '../../../local/world';
import { makeRequester, signed } from '../../support/api';
import { type Account, account, deployed, response } from './account';

/** Says of every refusal which type it was. */
const TYPE = '{"type":"$context.error.responseType","words":$context.error.messageString}';
const told = Object.fromEntries(
  ['MISSING_AUTHENTICATION_TOKEN', 'INVALID_SIGNATURE', 'EXPIRED_TOKEN', 'ACCESS_DENIED', 'DEFAULT_4XX'].map((type) => [
    type.replaceAll('_', ''),
    response(type, { ResponseTemplates: { 'application/json': TYPE } }),
  ]),
);
const started = () => account(undefined, deployed(told));

describe('signatures', () => {
  let known: Account;
  const get = async (change: (request: HttpRequest) => HttpRequest, scope = {}, asked = {}) => {
    known = await started();
    const request = await signed(known.aws, known.caller, 'POST', '/pets/a?b=1', { body: { a: 1 }, ...asked }, scope);
    return known.send(change(request));
  };
  const header = (request: HttpRequest, name: string, value: string | undefined): HttpRequest => {
    const { [name]: _, ...others } = request.headers;
    return { ...request, headers: value === undefined ? others : { ...others, [name]: value } };
  };
  const authorization = (change: (text: string) => string) => (request: HttpRequest) =>
    header(request, 'authorization', change(request.headers.authorization as string));

  test('a right one is taken', async () => {
    expect(await get((request) => request)).toMatchObject({ status: 200, body: { resource: '/pets/{pet}' } });
  });

  const bytes = (text: string) => new Uint8Array(Buffer.from(text));
  const CASES: [string, (request: HttpRequest) => HttpRequest, string][] = [
    ['unsigned', (request) => header(request, 'authorization', undefined), 'MISSING_AUTHENTICATION_TOKEN'],
    ['another body', (request) => ({ ...request, body: bytes('{"a":2}') }), 'INVALID_SIGNATURE'],
    ['another path', (request) => ({ ...request, path: '/v1/pets/b' }), 'INVALID_SIGNATURE'],
    ['another query', (request) => ({ ...request, query: 'b=2' }), 'INVALID_SIGNATURE'],
    ['another method', (request) => ({ ...request, method: 'PUT' }), 'INVALID_SIGNATURE'],
    ['another host', (request) => header(request, 'host', 'localhost'), 'INVALID_SIGNATURE'],
    ['another type', (request) => header(request, 'content-type', 'text/plain'), 'INVALID_SIGNATURE'],
    [
      'a body that its hash header belies',
      (request) => ({ ...request, body: bytes('x'), headers: { ...request.headers, 'x-amz-content-sha256': 'x' } }),
      'INVALID_SIGNATURE',
    ],
    ['no token', (request) => header(request, 'x-amz-security-token', undefined), 'DEFAULT_4XX'],
    ['a wrong token', (request) => header(request, 'x-amz-security-token', 'x'), 'DEFAULT_4XX'],
    ['an unknown key', authorization((text) => text.replace(/ASIA\w+/, 'ASIAAAAAAAAAAAAAAAAA')), 'DEFAULT_4XX'],
    ['a host not signed', authorization((text) => text.replace('host;', '')), 'INVALID_SIGNATURE'],
    ['a date not signed', authorization((text) => text.replace('x-amz-date;', '')), 'INVALID_SIGNATURE'],
    ['no date', (request) => header(request, 'x-amz-date', undefined), 'INVALID_SIGNATURE'],
    ['the date of another day', authorization((text) => text.replace(/\/\d{8}\//, '/20260101/')), 'INVALID_SIGNATURE'],
    [
      'a session token not signed',
      authorization((text) => text.replace(';x-amz-security-token', '')),
      'INVALID_SIGNATURE',
    ],
    ['a signature of zeros', authorization((text) => text.replace(/\w{64}$/, '0'.repeat(64))), 'INVALID_SIGNATURE'],
    [
      'SigV4a',
      authorization((text) => text.replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256')),
      'INVALID_SIGNATURE',
    ],
    ['two of them', authorization((text) => `${text}, ${text}`), 'INVALID_SIGNATURE'],
    ['a bearer token', authorization(() => 'Bearer abc'), 'INVALID_SIGNATURE'],
    [
      'a presigned URL',
      (request) => header({ ...request, query: 'X-Amz-Signature=abc' }, 'authorization', undefined),
      'INVALID_SIGNATURE',
    ],
  ];
  test.each(CASES)('%s is refused', async (_, change, type) => {
    expect(await get(change)).toMatchObject({ status: 403, body: { type } });
  });

  test.each([
    ['region', { region: 'eu-west-1' }],
    ['service', { service: 's3' }],
    ['service', { service: 'states' }],
  ])('for another %s they are refused', async (_, scope) => {
    expect(await get((request) => request, scope)).toMatchObject({ status: 403, body: { type: 'INVALID_SIGNATURE' } });
  });

  test.each([
    ['host', 'INVALID_SIGNATURE'],
    ['x-amz-date', 'INVALID_SIGNATURE'],
    ['x-amz-security-token', 'INVALID_SIGNATURE'],
    ['content-type', undefined],
  ])('a right one that leaves %s out is refused with %s', async (name, type) => {
    const { body } = await get((request) => request, { leftOut: [name] });
    expect(body.type).toBe(type);
  });

  test('a body has to be signed, whatever x-amz-content-sha256 says', async () => {
    const asked = { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } };
    const refused = { status: 403, body: { type: 'INVALID_SIGNATURE' } };
    expect(await get((request) => request, {}, asked)).toMatchObject(refused);
  });

  test('a path is signed as it is sent, encoded once more', async () => {
    const { aws, caller, send } = await started();
    const answered = async (path: string, uriEscapePath: boolean) =>
      send(await signed(aws, caller, 'GET', path, {}, { uriEscapePath }));
    for (const [path, pet] of [
      ['/pets/a%20b', 'a b'],
      ['/pets/a%252Fb', 'a%2Fb'],
      ["/pets/it's(1)*", "it's(1)*"],
    ] as const) {
      expect(await answered(path, true)).toMatchObject({ status: 200, body: { path, pathParameters: { pet } } });
    }
    const asS3 = await answered('/pets/a%20b', false);
    expect(asS3).toMatchObject({ status: 403, body: { type: 'INVALID_SIGNATURE' } });
  });

  test.each(['/pets/%', '/pets/%zz', '/pets/%C3%28', '/pets?a=%'])('%s cannot be decoded', async (path) => {
    const { aws, caller, send } = await started();
    const [below = '', query = ''] = path.split('?');
    const request = await signed(aws, caller, 'GET', '/pets');
    expect(await send({ ...request, path: `/v1${below}`, query })).toMatchObject({
      status: 400,
      body: { type: 'DEFAULT_4XX' },
    });
  });

  test('they are good for five minutes, and as long as their credentials', async () => {
    const { aws, caller, clock, send, ask } = await started();
    const request = await signed(aws, caller, 'GET', '/pets');
    await clock.run(clock.sleep(4 * 60_000));
    expect(await send(request)).toMatchObject({ status: 200 });
    await clock.run(clock.sleep(2 * 60_000));
    expect(await send(request)).toMatchObject({ status: 403, body: { type: 'INVALID_SIGNATURE' } });
    await clock.run(clock.sleep(13 * 3_600_000));
    expect(await ask('GET', '/pets')).toMatchObject({ status: 403, body: { type: 'EXPIRED_TOKEN' } });
  });

  test("another account's key is nobody's", async () => {
    const other = createLocalAws({ seed: 'other', account: '210987654321' });
    const { ask } = await started();
    expect(await ask('GET', '/pets', { as: other.world.iam.rootKey })).toMatchObject({
      status: 403,
      body: { type: 'DEFAULT_4XX', words: 'The security token included in the request is invalid.' },
    });
    await other.close();
  });

  test('a path is signed without what is redundant in it, and routed as it was sent', async () => {
    const { ask } = await started();
    expect((await ask('GET', '/x/./..//pets')).body).toMatchObject({ resource: '/{proxy+}', path: '/x/./..//pets' });
  });
});

describe('execute-api:Invoke', () => {
  const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const on = (resource: string, Effect = 'Allow') => ({
    ...{
      Effect,
      Action: 'execute-api:Invoke',
      Resource: `arn:aws:execute-api:us-east-1:123456789012:*/v1/${resource}`,
    },
  });
  const as = async (text: string) => {
    const { aws, clock, ask } = await started();
    const credentials = await clock.run(makeRequester(aws, 'other', text));
    return (method: string, path: string) => ask(method, path, { as: credentials });
  };

  test.each([
    ['GET', '/pets/fido', 200],
    ['GET', '/pets/fido?of=jane', 200],
    ['GET', '/pets/fidolina', 403],
    ['DELETE', '/pets/fido', 403],
    ['GET', '/pets', 403],
    ['GET', '/pets/Fido', 403],
    // Allowed as it was decoded, but not as it was sent.
    ['GET', '/pets/fid%6F', 403],
    ['GET', '//pets/fido', 403],
    ['GET', '/x/../pets/fido', 403],
  ])('of one path: %s %s is %i', async (method, path, status) => {
    const ask = await as(policy(on('GET/pets/fido')));
    expect(await ask(method, path)).toMatchObject({ status });
  });

  test('is refused in the words of IAM', async () => {
    const ask = await as(policy(on('GET/pets/fido')));
    const { body } = await ask('GET', '/pets');
    expect(body).toEqual({
      type: 'ACCESS_DENIED',
      words: expect.stringMatching(
        /^User: arn:aws:sts::123456789012:assumed-role\/other\/jane is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:\*{8}9012:\w+\/v1\/GET\/pets because no identity-based policy allows the execute-api:Invoke action$/,
      ),
    });
  });

  test.each([
    ['GET', '/pets/rex'],
    ['GET', '/pets/%72ex'],
    ['GET', '/pets/r%65x'],
  ])('denied is denied in every spelling: %s %s', async (method, path) => {
    const ask = await as(policy(on('*'), on('*/pets/rex', 'Deny')));
    expect(await ask(method, path)).toMatchObject({ status: 403, body: { type: 'ACCESS_DENIED' } });
    expect(await ask('GET', '/pets/fido')).toMatchObject({ status: 200 });
  });

  test("root may everything, as it may in the account's own policies", async () => {
    const { aws, ask } = await started();
    expect(await ask('GET', '/pets', { as: aws.world.iam.rootKey })).toMatchObject({ status: 200 });
  });
});
