import { expect, test } from '@jest/globals';
import type { HttpRequest } from '../../../local/world';
import { ROUTES } from '../../../state-machine/routes';
import { type Answer, makeRequester, read, signed } from '../../support/api';
import { createStage, DEPLOYMENT, INSTANCE } from '../../support/stage';
import { expectAsDocumented } from './contract';

const ALLOW = { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' };
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const FUNCTION = `arn:aws:lambda:us-east-1:123456789012:function:${DEPLOYMENT}-requestElevation`;

const ASKED = ROUTES.map(({ method, path }) => ({
  method,
  path: path.replace('{grant}', 'run-remote-script').replace('{instanceId}', INSTANCE).replace('{name}', 'job-1'),
}));

const asIs = (request: HttpRequest) => request;
const unsigned = ({ headers: { authorization: _, ...headers }, ...request }: HttpRequest) => ({ ...request, headers });
const altered = (request: HttpRequest) => ({ ...request, query: 'limit=1' });
const long = ({ headers, ...request }: HttpRequest) => ({
  ...request,
  headers: { ...headers, 'x-long': 'x'.repeat(10_240) },
});
const large = (request: HttpRequest) => ({ ...request, body: new Uint8Array(10 * 1024 * 1024 + 1) });

test("every operation has API Gateway's own answers in docs/openapi.json", async () => {
  const stage = await createStage();
  const { aws, during } = stage;
  const anyone = await during(makeRequester(aws, 'anyone', document(ALLOW)));
  const nobody = await during(makeRequester(aws, 'nobody', document({ ...ALLOW, Effect: 'Deny' })));
  const statuses = async (change: (request: HttpRequest) => HttpRequest, who = anyone): Promise<number[]> => {
    const seen: number[] = [];
    for (const { method, path } of ASKED) {
      const request = change(await signed(aws, who, method, path));
      const answer: Answer = read(await during(aws.world.apiGateway.answer(request)));
      expectAsDocumented(method, path, answer);
      seen.push(answer.status);
    }
    return [...new Set(seen)];
  };
  expect(await statuses(unsigned)).toEqual([403]);
  expect(await statuses(altered)).toEqual([403]);
  expect(await statuses(asIs, { ...anyone, accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' })).toEqual([403]);
  expect(await statuses(asIs, nobody)).toEqual([403]);
  expect(await statuses(long)).toEqual([413]);
  expect(await statuses(large)).toEqual([413]);
  aws.world.lambda.removeFunction(FUNCTION);
  expect(await statuses(asIs)).toEqual([503]);
});

test('paths and methods that it does not have are answered in the form of all errors', async () => {
  const stage = await createStage();
  const { aws, during } = stage;
  const anyone = await during(makeRequester(aws, 'anyone', document(ALLOW)));
  const answered = async (method: string, path: string) => {
    const answer = read(await during(aws.world.apiGateway.answer(await signed(aws, anyone, method, path))));
    expectAsDocumented(method, path, answer);
    return answer.status;
  };
  const [{ path: list = '' } = {}] = ASKED;
  for (const path of [
    '/',
    '/nowhere',
    `${list}/`,
    `/${list}`,
    '/Elevations',
    '/%65levations',
    '/elevations%2F',
    '/a/../elevations',
    `${list}/x/y`,
  ])
    expect([path, await answered('GET', path)]).toEqual([path, 404]);
  for (const { method, path } of ASKED)
    for (const other of ['DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'PUT', method === 'GET' ? 'POST' : 'GET'])
      expect([other, path, await answered(other, path)]).toEqual([other, path, 405]);
});
