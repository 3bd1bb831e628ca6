import { describe, expect, test } from '@jest/globals';
import { account, deployed, deployment, echo, method, response, stageOf } from './account';

const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/);

describe('routes', () => {
  test.each([
    ['GET', '/pets', '/pets', null],
    ['GET', '/pets/rex', '/pets/rex', null],
    ['GET', '/pets/fido', '/pets/{pet}', { pet: 'fido' }],
    ['DELETE', '/pets/fido', '/pets/{pet}', { pet: 'fido' }],
    ['GET', '/pets/fi%20do', '/pets/{pet}', { pet: 'fi do' }],
    ['GET', '/pets/a%2Fb', '/pets/{pet}', { pet: 'a/b' }],
    ['GET', '/pets/%72ex', '/pets/{pet}', { pet: 'rex' }],
    ['GET', '/pets/', '/{proxy+}', { proxy: 'pets/' }],
    ['GET', '/cats/tom/1', '/{proxy+}', { proxy: 'cats/tom/1' }],
    ['GET', '/pets/fido/toys', '/{proxy+}', { proxy: 'pets/fido/toys' }],
    ['GET', '//pets', '/{proxy+}', { proxy: '/pets' }],
    ['GET', '/x/../pets', '/{proxy+}', { proxy: 'x/../pets' }],
  ])('%s %s is %s', async (httpMethod, path, resource, pathParameters) => {
    const { ask } = await account();
    const { status, body } = await ask(httpMethod, path);
    expect([status, body.resource, body.pathParameters]).toEqual([200, resource, pathParameters]);
    expect([body.httpMethod, body.path, body.requestContext.path]).toEqual([httpMethod, path, `/v1${path}`]);
  });

  test.each([
    ['a method that its resource has not', 'POST', '/pets'],
    ['a method of a more specific resource', 'DELETE', '/pets/rex'],
    ['the root, which has none', 'GET', '/'],
    ['the stage alone', 'GET', ''],
  ])('%s is no method at all', async (_, httpMethod, path) => {
    const { ask } = await account();
    const { status, body, headers } = await ask(httpMethod, path);
    expect([status, body]).toEqual([403, { message: 'Missing Authentication Token' }]);
    expect(headers).toMatchObject({ 'x-amzn-errortype': 'MissingAuthenticationTokenException' });
  });

  test('what is no stage, and no API, is forbidden', async () => {
    const { send, aws, apiId } = await account();
    const request = { method: 'GET', path: '/v2/pets', query: '', body: new Uint8Array() };
    const forbidden = { status: 403, body: { message: 'Forbidden' } };
    expect(await send({ ...request, headers: { host: `${apiId}.localhost:4000` } })).toMatchObject(forbidden);
    const other = { host: 'abcdefghij.execute-api.us-east-1.amazonaws.com' };
    expect(await send({ ...request, path: '/v1/pets', headers: other })).toMatchObject(forbidden);
    expect(aws.world.apiGateway.stages()).toEqual([{ apiId, name: 'v1' }]);
  });
});

describe('what the function gets', () => {
  test('is the event of a proxy integration, with who asks', async () => {
    const { ask, apiId } = await account();
    const asked = { headers: { 'X-Colour': 'blue' }, body: { name: 'Fido' } };
    const { body: event } = await ask('POST', '/pets/fido?a=1&a=2&b=%26', asked);
    expect(event).toMatchObject({
      body: '{"name":"Fido"}',
      isBase64Encoded: false,
      stageVariables: null,
      queryStringParameters: { a: '2', b: '&' },
      multiValueQueryStringParameters: { a: ['1', '2'], b: ['&'] },
      headers: { 'x-colour': 'blue', 'X-Forwarded-Proto': 'https' },
      multiValueHeaders: { 'x-colour': ['blue'] },
      requestContext: {
        ...{ stage: 'v1', apiId, requestId, httpMethod: 'POST', protocol: 'HTTP/1.1', accountId: '123456789012' },
        requestTime: expect.stringMatching(/^05\/Jan\/2026:09:\d\d:\d\d \+0000$/),
        identity: {
          userArn: 'arn:aws:sts::123456789012:assumed-role/caller/jane',
          user: expect.stringMatching(/^AROA\w+:jane$/),
          accountId: '123456789012',
          accessKey: expect.stringMatching(/^ASIA/),
        },
      },
    });
    expect(Object.keys(event.headers).map((name) => name.toLowerCase())).not.toContain('authorization');
    expect((await ask('GET', '/pets')).body).toMatchObject({ body: null, queryStringParameters: null });
  });

  test('has parameters and headers by any name', async () => {
    const { ask, aws } = await account();
    const { answer } = aws.world.apiGateway;
    aws.world.apiGateway.answer = (request) => answer({ ...request, rawHeaders: [['__proto__', 'blue']] });
    const { status, body } = await ask('GET', '/pets?constructor=1&constructor=2&toString=3');
    expect(status).toBe(200);
    const query = Object.entries(body.multiValueQueryStringParameters);
    expect(Object.fromEntries(query)).toEqual({ constructor: ['1', '2'], toString: ['3'] });
    expect(Object.entries(body.multiValueHeaders)).toContainEqual(['__proto__', ['blue']]);
  });

  test('has headers as they were sent, one by one', async () => {
    const { ask, aws, clock } = await account();
    let rawHeaders: [string, string][] = [];
    const { answer } = aws.world.apiGateway;
    aws.world.apiGateway.answer = (request) => answer({ ...request, rawHeaders });
    rawHeaders = [
      ['X-Key', 'a'],
      ['X-Key', 'b'],
    ];
    const { body } = await ask('GET', '/pets');
    expect([body.headers['X-Key'], body.multiValueHeaders['X-Key']]).toEqual(['b', ['a', 'b']]);
    expect(clock.now()).toBeGreaterThan(0);
  });
});

describe('what the function answers', () => {
  const asAnswered = async (answer: unknown) => {
    const { ask } = await account(() => answer);
    return ask('GET', '/pets');
  };

  test('is handed on', async () => {
    const full = {
      statusCode: '202',
      headers: { Location: '/pets/1', Server: 'mine' },
      multiValueHeaders: { 'X-Many': ['a', 'b'] },
      body: Buffer.from('{"a":1}').toString('base64'),
      isBase64Encoded: true,
    };
    expect(await asAnswered(full)).toMatchObject({
      status: 202,
      headers: { location: '/pets/1', 'x-amzn-remapped-server': 'mine', 'x-many': ['a', 'b'] },
      body: { a: 1 },
    });
    expect(await asAnswered({ statusCode: 204 })).toMatchObject({ status: 204, body: '' });
  });

  test.each([
    ['nothing', undefined],
    ['a text', 'hello'],
    ['no status', { body: 'hello' }],
    ['a status that is none', { statusCode: 'fine' }],
    ['a body that is no text', { statusCode: 200, body: { a: 1 } }],
    ['a field of its own', { statusCode: 200, text: 'hello' }],
    ['a header that is an object', { statusCode: 200, headers: { a: {} } }],
    ['an error', new Error('oh')],
  ])('with %s is 502', async (_, answer) => {
    expect(await asAnswered(answer)).toMatchObject({ status: 502, body: { message: 'Internal server error' } });
  });

  test('is 504 when it takes more than 29 seconds', async () => {
    const slow = (seconds: number) =>
      account(async (_, clock) => {
        await clock.sleep(seconds * 1_000);
        return { statusCode: 200 };
      });
    expect(await (await slow(28)).ask('GET', '/pets')).toMatchObject({ status: 200 });
    const late = { status: 504, body: { message: 'Endpoint request timed out' } };
    expect(await (await slow(30)).ask('GET', '/pets')).toMatchObject(late);
  });

  test('is not heard where the function does not let this stage call it, or is throttled', async () => {
    const { Permission, ...others } = deployed();
    const without = await account(echo, others);
    expect(await without.ask('GET', '/pets')).toMatchObject({ status: 500 });
    const { Properties } = Permission;
    const elsewhere = JSON.parse(JSON.stringify(Properties.SourceArn).replace('/v1/*/*', '/v1/POST/*'));
    const wrong = { ...others, Permission: { ...Permission, Properties: { ...Properties, SourceArn: elsewhere } } };
    expect(await (await account(echo, wrong)).ask('GET', '/pets')).toMatchObject({ status: 500 });
    const { Fn } = deployed();
    const none = { ...Fn, Properties: { ...Fn.Properties, ReservedConcurrentExecutions: 0 } };
    expect(await (await account(echo, deployed({ Fn: none }))).ask('GET', '/pets')).toMatchObject({ status: 504 });
  });
});

describe('sizes', () => {
  test('a body of more than 10 MB, and more than 10,240 bytes of headers, are too much', async () => {
    const { ask } = await account(() => ({ statusCode: 200 }));
    const tooLarge = { status: 413, body: { message: expect.stringMatching(/length exceeded|Too Long/) } };
    expect(await ask('POST', '/pets/a', { body: 'x'.repeat(10 * 1024 * 1024 + 1) })).toMatchObject(tooLarge);
    expect(await ask('GET', '/pets', { headers: { 'x-long': 'x'.repeat(10_000) } })).toMatchObject(tooLarge);
    expect(await ask('GET', '/pets', { headers: { 'x-long': 'x'.repeat(8_000) } })).toMatchObject({ status: 200 });
  });
});

describe('gateway responses', () => {
  const TEMPLATE = '{"words":$context.error.messageString,"type":"$context.error.responseType","of":"$context.path"}';
  const shaped = { ResponseTemplates: { 'application/json': TEMPLATE } };
  const header = { 'gatewayresponse.header.Content-Type': "'application/problem+json'" };

  test('are those of the type, else of its class', async () => {
    const more = {
      Denied: response('MISSING_AUTHENTICATION_TOKEN', { ...shaped, StatusCode: '401', ResponseParameters: header }),
      Class: response('DEFAULT_5XX', { ...shaped, StatusCode: '503' }),
    };
    const { ask } = await account(() => 'bad', deployed(more));
    const type = 'MISSING_AUTHENTICATION_TOKEN';
    expect(await ask('POST', '/pets')).toMatchObject({
      status: 401,
      headers: { 'content-type': 'application/problem+json' },
      body: { words: 'Missing Authentication Token', type, of: '/v1/pets' },
    });
    expect(await ask('GET', '/pets')).toMatchObject({ status: 503, body: { type: 'DEFAULT_5XX' } });
  });
});

describe('deployments', () => {
  test('a stage serves what its deployment took, and the next one when it is given it', async () => {
    const { ask, deploy } = await account();
    const more = { Post: method('POST', 'Pets') };
    await deploy({ ...deployed(), ...more });
    expect(await ask('POST', '/pets')).toMatchObject({ status: 403 });
    const { Deployment: _, ...others } = deployed();
    await deploy({ ...others, ...more, Next: { ...deployment, DependsOn: ['Post'] }, Stage: stageOf('Next') });
    expect(await ask('POST', '/pets')).toMatchObject({ status: 200 });
    await expect(deploy({ ...others, Stage: stageOf('Next') })).rejects.toThrow('Next');
  });

  test.each([
    ['another authorization', { Open: method('PUT', 'Pets', { AuthorizationType: 'NONE' }) }, /but AWS_IAM: NONE/],
    ['another integration', { Mock: method('PUT', 'Pets', { Integration: { Type: 'MOCK' } }) }, /but AWS_PROXY/],
    ['an API key', { Keyed: method('PUT', 'Pets', { ApiKeyRequired: true }) }, /API keys/],
    [
      'a private API',
      { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { EndpointConfiguration: { Types: ['PRIVATE'] } } } },
      /private/,
    ],
    ['a resource policy', { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Policy: {} } } }, /policies/],
    ['a header by a variable', { R: response('DEFAULT_4XX', { ResponseParameters: { a: 'b' } }) }, /parameter/],
  ])('%s is refused, and everything taken back', async (_, more, error) => {
    await expect(account(echo, deployed(more))).rejects.toThrow(error);
  });
});

describe('the access log', () => {
  const FORMAT = '$context.httpMethod $context.path $context.identity.user $context.status $context.error.responseType';
  const logging = deployed(
    { Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/api' } } },
    { AccessLogSetting: { DestinationArn: { 'Fn::GetAtt': ['Logs', 'Arn'] }, Format: FORMAT } },
  );

  test('has a line for each request, also for those that were turned away', async () => {
    const { ask, aws, clock } = await account(echo, logging);
    await ask('GET', '/pets');
    await ask('POST', '/pets');
    await clock.run(clock.sleep(1_000));
    const { events } = await aws.world.asRoot('logs', 'FilterLogEvents', { logGroupName: '/api' });
    expect(events.map(({ message }: { message: string }) => message)).toEqual([
      expect.stringMatching(/^GET \/v1\/pets AROA\w+:jane 200 -$/),
      'POST /v1/pets - 403 MISSING_AUTHENTICATION_TOKEN',
    ]);
  });
});
