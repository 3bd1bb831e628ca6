import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { HttpRequest } from '../../local/world';
import { problemSchema } from '../../state-machine/api';
import { synthWithCatalogue } from '../infra/synth';
import { api, makeRequester, read, signed } from '../support/api';
import { ASSEMBLY } from '../support/deployed';
import { scratchFolder } from '../support/scratch';
import { createStage, INSTANCE, type Stage } from '../support/stage';

const START = `/grants/run-remote-script/instances/${INSTANCE}/elevations`;
const without = (name: string) => (request: HttpRequest) => {
  const { [name]: _, ...headers } = request.headers;
  return { ...request, headers };
};
const altered = (request: HttpRequest) => ({ ...request, query: 'limit=1' });
const asIs = (request: HttpRequest) => request;

test("API Gateway's own answers have the form of all others", async () => {
  const stage = await createStage();
  const { aws, during } = stage;
  const lawless = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';
  const everything =
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}';
  const denied = await during(makeRequester(aws, 'denied', lawless));
  const caller = await during(makeRequester(aws, 'caller', everything));
  const answered = async (
    as: typeof caller,
    path: string,
    change: (request: HttpRequest) => HttpRequest,
    body?: string,
  ) => {
    const request = change(await signed(aws, as, 'POST', path, { body }));
    return read(await during(aws.world.apiGateway.answer(request)));
  };
  const cases = [
    ['NotSigned', 403, await answered(caller, START, without('authorization'))],
    ['NotSigned', 403, await answered(caller, START, altered)],
    ['NotSigned', 403, await answered({ ...caller, accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' }, START, asIs)],
    ['NotAuthorized', 403, await answered(denied, START, asIs)],
    ['InputTooLarge', 413, await answered(caller, START, asIs, 'x'.repeat(10 * 1024 * 1024 + 1))],
    ['NotSigned', 403, await answered(caller, '/nowhere', without('authorization'))],
    // The function's own, on routes that nobody has.
    ['RouteNotFound', 404, await answered(caller, '/nowhere', asIs)],
    ['MethodNotAllowed', 405, await answered(caller, '/grants', asIs)],
  ] as const;
  aws.world.lambda.removeFunction('arn:aws:lambda:us-east-1:123456789012:function:StepUp-us-east-1-requestElevation');
  const broken = ['Unavailable', 503, await answered(caller, START, asIs)] as const;
  for (const [title, status, answer] of [...cases, broken]) {
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/problem+json']);
    const type = `docs/runbook.md#${title.toLowerCase()}`;
    expect(problemSchema.parse(answer.body)).toMatchObject({ title, status, type });
    expect(answer.body.requestId).toMatch(/^[\w+/=-]{10,}$/);
  }
  expect(broken[2].headers['retry-after']).toBe('5');
  expect(cases[3][2].body.errors[0].detail).toContain('with an explicit deny in an identity-based policy');
});

/** The same assembly as a release had it that knew no API. */
function releaseBefore(): string {
  const folder = join(scratchFolder('before'), 'assembly');
  cpSync(ASSEMBLY, folder, { recursive: true });
  const file = join(folder, 'StepUp.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8'));
  const isOfApi = ([id, { Type, Properties }]: [string, { Type: string; Properties?: { Principal?: string } }]) =>
    Type.startsWith('AWS::ApiGateway::') ||
    /^StepUpApi/.test(id) ||
    Properties?.Principal === 'apigateway.amazonaws.com';
  const kept = Object.entries<never>(template.Resources).filter((entry) => !isOfApi(entry));
  writeFileSync(file, JSON.stringify({ ...template, Resources: Object.fromEntries(kept) }));
  return folder;
}

describe('an update', () => {
  const grants = async (stage: Stage) => (await api(stage).request('GET', '/grants')).status;

  test('brings an API to a deployment that has none, and serves what the next one changes', async () => {
    const stage = await createStage({ assembly: releaseBefore() });
    expect(stage.aws.world.apiGateway.stages()).toEqual([]);
    await stage.during(stage.aws.deploy(ASSEMBLY));
    expect(await grants(stage)).toBe(200);
    const [{ apiId = '' } = {}] = stage.aws.world.apiGateway.stages();
    const Name = '/stepup/StepUp-us-east-1/api';
    const { Parameter } = await stage.aws.world.asRoot('ssm', 'GetParameter', { Name });
    expect(Parameter.Value).toBe(`https://${apiId}.execute-api.us-east-1.amazonaws.com/v1`);

    const runbookUrl = 'https://example.com/runbook';
    await stage.during(stage.aws.deploy(synthWithCatalogue({ runbookUrl })));
    // The API is the same, and the stage has another deployment.
    expect(stage.aws.world.apiGateway.stages()).toEqual([{ apiId, name: 'v1' }]);
    const unsigned: HttpRequest = {
      ...{ method: 'GET', path: '/v1/grants', query: '', headers: {}, body: new Uint8Array() },
    };
    const { body } = read(await stage.during(stage.aws.world.apiGateway.answer(unsigned)));
    expect(body.type).toBe(`${runbookUrl}#notsigned`);
    // A synth of its own.
  }, 120_000);

  test('that fails takes the API away again', async () => {
    const stage = await createStage({ assembly: releaseBefore() });
    const taken = { name: '/stepup/StepUp-us-east-1/api', value: 'taken' };
    stage.aws.world.ssm.putParameter(taken);
    const { putParameter } = stage.aws.world.ssm;
    stage.aws.world.ssm.putParameter = (parameter) => {
      if (parameter.name === taken.name) throw new Error('taken');
      putParameter(parameter);
    };
    await expect(stage.during(stage.aws.deploy(ASSEMBLY))).rejects.toThrow('taken');
    expect(stage.aws.world.apiGateway.stages()).toEqual([]);
  });
});
