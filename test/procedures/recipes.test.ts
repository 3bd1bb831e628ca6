import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import validate from 'asl-validator';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { parse as parseYaml } from 'yaml';
import { readSchedule } from '../../infra/scheduleFiles';
import type { Catalogue } from '../../state-machine/catalogue';
import { requestSchema } from '../../state-machine/document';
import { requester, urlOfApi } from '../cli/api/asRequester';
import { type Answer, type Caller, makeRequester, api as requests } from '../support/api';
import { scratchFolder } from '../support/scratch';
import { interpret } from '../support/secondOpinion';
import { ASSEMBLY, createStage, INSTANCE, type Stage } from '../support/stage';
import { stateOf } from '../support/worldState';
import { blockOf, blocks } from './recipes';

const folder = scratchFolder('recipes');
const own = async (stage: Stage) => (await stateOf(stage)).associations.map(({ profile }) => profile.split('/').at(-1));

/** The words that a shell makes of `npx stepup …`. */
function wordsOf(command: string): string[] {
  const script = `npx() { shift; printf '%s\\0' "$@"; }; RUN_ID=7 GITHUB_RUN_ID=8; ${command}`;
  return execFileSync('sh', ['-euc', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

test('every block is tried: here, or those of curl and of the AWS CLI in recipes.slow.test.ts', () => {
  expect(blocks.map(({ recipe, language }) => `${language} ${recipe}`)).toEqual([
    'sh ',
    ...['sh From a pipeline', 'yaml From a pipeline', 'sh From a pipeline'],
    ...['json From another state machine', 'json Past the API', 'json By the clock'],
    ...['sh A person', 'sh A person'],
  ]);
});

describe('from a pipeline', () => {
  test('the step, and the same in GitHub Actions, are taken; said again they are the same run', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage, 'stepup-requester');
    const { permissions, steps } = parseYaml(blockOf('From a pipeline', 'yaml'));
    expect(permissions).toEqual({ 'id-token': 'write', contents: 'read' });
    expect(steps[0].with['role-session-name']).toMatch(/^[\w+=,.@-]{2,64}$/);
    writeFileSync(join(folder, 'report.sh'), 'echo report\n');
    const commands = [blockOf('From a pipeline', 'sh', /^npx/), steps[1].run];
    for (const command of commands) {
      const words = wordsOf(command).map((word) => (word === 'report.sh' ? join(folder, word) : word));
      const first = await stepup([...words, '--detach']);
      expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^key-[0-9a-f]{32}\n$/) });
      expect((await stepup([...words, '--detach'])).out).toBe(first.out);
    }
  });
});

describe('a person', () => {
  test('holds, and gives it back by Ctrl-C; or anybody releases it', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const hold = wordsOf(blockOf('A person', 'sh', /stepup hold/));
    const held = await stepup(hold, { onInterrupt: (listener) => stage.clock.after(120_000, listener) });
    expect(held).toMatchObject({ code: 0, err: expect.stringMatching(/Held until .*Releasing/s) });
    const { out } = await stepup([...hold.filter((word) => word !== '--release-on-exit'), '--detach']);
    await stage.pass(60);
    const release = wordsOf(blockOf('A person', 'sh', /stepup release/)).map((word) =>
      word === 'NAME' ? out.trim() : word,
    );
    expect((await stepup(release)).code).toBe(0);
    expect(await own(stage)).toEqual(['app']);
  });
});

/** As the functions are released with it. */
function releasedCatalogue(): Catalogue {
  const holders = readdirSync(ASSEMBLY).map((asset) => join(ASSEMBLY, asset, 'catalogue.json'));
  return JSON.parse(readFileSync(holders.find((file) => existsSync(file)) as string, 'utf8'));
}

test('by the clock: a file that synth takes', () => {
  const file = join(folder, 'monthly-export.json');
  writeFileSync(file, blockOf('By the clock', 'json'));
  const circumstances = {
    catalogue: releasedCatalogue(),
    outputLocations: [],
    now: Date.UTC(2026, 10, 22),
    arnPrefix: 'arn:aws:scheduler:us-east-1:123456789012:schedule/StepUp-us-east-1/',
  };
  expect(readSchedule(file, circumstances)).toMatchObject({ name: 'monthly-export', enabled: true, warnings: [] });
});

/** asl-validator changes what it is given. */
const validated = (definition: string) => validate(JSON.parse(definition)).errorsText('\n');

test('past the API: valid ASL, whose input is a request', () => {
  const definition = blockOf('Past the API', 'json');
  expect(validated(definition)).toBe('');
  const { Parameters } = JSON.parse(definition).States.Elevate;
  expect(requestSchema.safeParse(Parameters.Input).error).toBeUndefined();
  expect(Parameters.StateMachineArn).toMatch(/:stateMachine:StepUp-us-east-1-elevation$/);
});

/**
 * The embedded engine refuses what StepUp's own machines do not use, so that this one runs in aws-local-stepfunctions; its calls
 * of API Gateway, signed by the role of the machine, reach the embedded one. How Step Functions shapes such a call and its answer is
 * its Developer Guide's page on API Gateway, written down here and not tried on AWS.
 */
describe('from another state machine: two jobs under one elevation', () => {
  const definition = blockOf('From another state machine', 'json');
  test('is valid ASL', () => expect(validated(definition)).toBe(''));

  const NAME = 'nightly-2026-11-22';
  const PATHS = `grants/run-remote-script/instances/${INSTANCE}/*`;

  async function play(jobs: (name: string, stage: Stage) => Promise<object>) {
    const stage = await createStage();
    const Resource = ['GET', 'POST'].map((method) => `arn:aws:execute-api:us-east-1:*:*/v1/${method}/${PATHS}`);
    const Statement = [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource }];
    const policy = JSON.stringify({ Version: '2012-10-17', Statement });
    const role = await stage.during(makeRequester(stage.aws, 'machine', policy));
    const caller = await requests(stage).unwaited(role);
    const played = interpret(
      JSON.parse(definition) as StateMachineDefinition,
      {},
      {
        waits: 'skipped',
        Execution: { Name: NAME },
        invoke: async (resource, input) => {
          if (resource === 'arn:aws:states:::apigateway:invoke') return invokeApi(stage, caller, input as Invocation);
          return jobs((input as { FunctionName: string }).FunctionName, stage) as never;
        },
      },
    );
    return { stage, ended: await stage.during(played) };
  }

  test('both are done, and the instance has its profile back', async () => {
    const done: string[] = [];
    const { stage, ended } = await play(async (name, { aws }) => {
      const attached = aws.world.ec2.attachment(INSTANCE);
      done.push(
        `${name} as ${attached && 'profileArn' in attached && attached.profileArn.split('/').at(-1)?.slice(0, 7)}`,
      );
      return { payload: {} };
    });
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(done).toEqual(['first-job as stepup-', 'second-job as stepup-']);
    await stage.pass(120);
    expect(await own(stage)).toEqual(['app']);
  });

  test('a job fails: the instance is released all the same, and the job said to be the reason', async () => {
    const { stage, ended } = await play(async (name) =>
      name === 'first-job' ? { functionError: { errorType: 'JobError', errorMessage: 'no' } } : { payload: {} },
    );
    expect(ended).toMatchObject({ status: 'FAILED', error: 'JobError' });
    expect(ended.states).not.toContain('SecondJob');
    await stage.pass(120);
    expect(await own(stage)).toEqual(['app']);
  });
});

interface Invocation {
  Method: string;
  Path: string;
  Headers?: Record<string, string[]>;
  RequestBody?: object;
  AuthType: string;
}

/** `arn:aws:states:::apigateway:invoke`. Time passes by the looks, because waits are skipped. */
async function invokeApi(stage: Stage, caller: Caller, { Method, Path, Headers = {}, RequestBody }: Invocation) {
  if (Method === 'GET') await stage.clock.sleep(10_000);
  const headers = Object.fromEntries(Object.entries(Headers).map(([name, values]) => [name, values.join(',')]));
  const answer: Answer = await caller.request(Method, Path, { headers, ...(RequestBody && { body: RequestBody }) });
  const { status: StatusCode, body: ResponseBody } = answer;
  if (StatusCode < 300) return { payload: { StatusCode, ResponseBody } };
  return { functionError: { errorType: `ApiGateway.${StatusCode}`, errorMessage: JSON.stringify(ResponseBody) } };
}

test('the URL looks like those that stand in the recipes', async () => {
  const stage = await createStage();
  const { ApiEndpoint, Stage } = JSON.parse(blockOf('From another state machine', 'json')).States.Hold.Parameters;
  expect(urlOfApi(stage)).toMatch(/^https:\/\/[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com\/v1$/);
  expect(`https://${ApiEndpoint}/${Stage}`).toMatch(
    /^https:\/\/[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com\/v1$/,
  );
});
