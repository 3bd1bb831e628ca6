import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import type { Surroundings } from '../../../cli/surroundings';
import { fetchFrom } from '../../support/command';
import { scratchFolder } from '../../support/scratch';
import { createStage, INSTANCE, request, type Stage } from '../../support/stage';
import { requester, urlOfApi } from './asRequester';

type Fetch = Surroundings['fetch'];
const folder = scratchFolder('by-api');

function script(...lines: string[]): string {
  const file = join(folder, 'script.sh');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const RUN = ['run', '--instance', INSTANCE, '--grant', 'run-remote-script'];
const KEY = '0193f3a5-6c1e-7000-8000-00c04fd430c8';
const WHERE = `--instance ${INSTANCE} --grant run-remote-script`;
const inputs = async (stage: Stage) => {
  const { executions } = await stage.aws.world.asRoot('states', 'ListExecutions', {
    stateMachineArn: stage.machineArn('elevation'),
  });
  return Promise.all(
    executions.map(async ({ executionArn }: { executionArn: string }) =>
      JSON.parse((await stage.aws.world.asRoot('states', 'DescribeExecution', { executionArn })).input),
    ),
  );
};

describe('stepup run by the API', () => {
  test('follows the run to its end, prints the output, and is known as whoever asked', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const ran = await stepup([...RUN, '--script', script('echo hello', 'sleep 90'), '--duration', '20']);
    expect(ran).toMatchObject({ code: 0, out: 'hello\n' });
    expect(ran.err).toContain(`${INSTANCE} with run-remote-script, by ${urlOfApi(stage)}\nIdempotency-Key: `);
    expect(ran.err).toMatch(/^ +[\d.]+ s {2}SwapProfile +Exchanges the instance's profile/m);
    expect(ran.err).toContain("✔ Done: the script's exit code is 0.");
    expect(ran.err.match(/AwaitScript/g)).toHaveLength(1);
    const [, key = ''] = /Idempotency-Key: (\S+)\n/.exec(ran.err) ?? [];
    expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await inputs(stage)).toEqual([
      expect.objectContaining({
        durationMinutes: 20,
        requester: { arn: expect.stringMatching(/:assumed-role\/operator\/jane$/), userId: expect.any(String), key },
      }),
    ]);
  });

  test('the same key and request again are the same run; another request is refused', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const again = [...RUN, '--script', script('sleep 60'), '--key', KEY, '--detach'];
    const { code, out, err } = await stepup(again);
    expect([code, out]).toEqual([0, expect.stringMatching(new RegExp(`^${KEY}-[0-9a-f]{16}\n$`))]);
    expect(err).toContain(`stepup status ${out.trim()} ${WHERE} --follow`);
    expect(err).toContain(`stepup release ${out.trim()} ${WHERE}`);
    expect(await stepup(again)).toMatchObject({ code: 0, out });
    expect(await inputs(stage)).toHaveLength(1);
    const other = await stepup([...again, '--reason', 'another']);
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining('✖ IdempotencyKeyReused: ') });
  });

  test('says how to start it past the API, and is told what it cannot take', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const run = [...RUN, '--script', script('true')];
    const refused = async (...more: string[]) => (await stepup([...run, ...more])).err;
    expect(await refused('--name', 'x')).toContain('--name is of a direct start');
    expect(await refused('--direct', '--key', 'x')).toContain('--key is of a start by the API');
    expect(await refused('--direct', '--api', 'https://example.com')).toContain('contradict each other');
    expect(await refused('--api', 'http://example.com')).toContain('is no URL of an API');
    expect(await refused('--key', 'a b')).toContain('--key: at most 255');
    expect(await inputs(stage)).toEqual([]);
    const direct = await stepup([...run, '--direct']);
    expect(direct).toMatchObject({ code: 4, err: expect.stringMatching(/AccessDenied.*states:ListStateMachines/s) });
  });

  test('the wrong fields of a request are named by their options', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const long = await stepup([...RUN, '--script', script('true'), '--duration', '12h']);
    expect(long).toMatchObject({ code: 2, err: expect.stringContaining('✖ DurationTooLong: ') });
    expect(long.err).not.toContain('It is not known');
  });
});

describe('who may not', () => {
  test('is told which permission is missing', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage, 'reader', ['GET/grants']);
    const { code, err } = await stepup([...RUN, '--script', script('true')]);
    expect(code).toBe(4);
    expect(err).toMatch(
      /✖ NotAuthorized: .*\n {2}POST https:\S+\/grants\/run-remote-script\/instances\/i-\w+\/elevations\n/,
    );
    expect(err).toContain('Ask for execute-api:Invoke on it');
    expect(err).toContain('Nothing was started.');
    expect((await stepup(['grants'])).out).toMatch(/^run-remote-script +60 +/m);
    expect((await stepup(['grants', 'run-remote-script'])).out).toContain('"s3:GetObject"');
    expect((await stepup(['list'])).code).toBe(4);
  });

  test('may one grant on one instance without reading any list', async () => {
    const stage = await createStage();
    const own = `grants/run-remote-script/instances/${INSTANCE}/*`;
    const { stepup } = await requester(stage, 'narrow', [`POST/${own}`, `GET/${own}`]);
    const { code, out } = await stepup([...RUN, '--script', script('true'), '--detach']);
    expect(code).toBe(0);
    const status = ['status', out.trim(), '--instance', INSTANCE, '--grant', 'run-remote-script'];
    expect(await stepup(status)).toMatchObject({ code: 0, out: expect.stringMatching(/^Status +RUNNING$/m) });
    const found = await stepup(['status', out.trim()]);
    expect(found).toMatchObject({ code: 4, err: expect.stringContaining('give --instance and --grant') });
    expect((await stepup([...RUN.slice(0, 4), 'read-bucket-prefix', '--script', script('true')])).code).toBe(4);
  });
});

test('a run that an administrator has named is found, if a path can have its name', async () => {
  const stage = await createStage();
  const { stepup } = await requester(stage);
  await stage.start(request(), 'monthly.export');
  expect(await stepup(['status', 'monthly.export'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Run +monthly\.export$/m),
  });
  expect(await stepup(['status', '..'])).toMatchObject({
    code: 2,
    err: expect.stringContaining("'..' is no name of a run"),
  });
});

describe('an answer that is lost', () => {
  const losing = (times: number, fetch: Fetch): Fetch => {
    let calls = 0;
    return async (url, request) => {
      const answer = await fetch(url, request);
      if (request.method === 'POST') calls += 1;
      if (request.method !== 'POST' || calls > times) return answer;
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET', message: 'hung up' } });
    };
  };

  test('once: it is the same run', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const fetch = losing(1, fetchFrom(stage.aws));
    expect(await stepup([...RUN, '--script', script('true'), '--detach'], { fetch })).toMatchObject({ code: 0 });
    expect(await inputs(stage)).toHaveLength(1);
  });

  test('for good: 4, and by which key it is asked for again', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const fetch = losing(100, fetchFrom(stage.aws));
    const run = [...RUN, '--script', script('true'), '--detach'];
    const { code, err } = await stepup(run, { fetch });
    expect([code, err]).toEqual([4, expect.stringContaining('It is not known whether the run was started.')]);
    const [, key = ''] = /The same command with --key '(\S+)' is the same run/.exec(err) ?? [];
    expect(await stepup([...run, '--key', key])).toMatchObject({ code: 0 });
    expect(await inputs(stage)).toHaveLength(1);
  });
});

describe('a run that somebody stops', () => {
  test('is 1 once its recovery has given the profile back', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const { out } = await stepup([...RUN, '--script', script('sleep 600'), '--detach']);
    const executionArn = `${stage.machineArn('elevation').replace('stateMachine', 'execution')}:${out.trim()}`;
    stage.clock.after(60_000, () => {
      void stage.sfn.send(new StopExecutionCommand({ executionArn, error: 'NotNow', cause: 'By a person.' }));
    });
    const { code, err } = await stepup(['status', out.trim(), '--follow']);
    expect(err).toContain('waiting for its recovery');
    expect(err).toMatch(
      /✖ NotNow: The execution was ABORTED in \w+\. By a person\.\nThe instance has been recovered\./,
    );
    expect(code).toBe(1);
    const status = await stepup(['status', out.trim(), '--instance', INSTANCE, '--grant', 'run-remote-script']);
    expect(status).toMatchObject({ code: 1, out: expect.stringMatching(/^Recovery +arn:/m) });
    expect(status.out).toMatch(/^Requester +arn:\S+\/operator\/jane /m);
  });
});

describe('Ctrl-C', () => {
  test('ends the following, not the run, and says how to go on', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const onInterrupt = (listener: () => void) => stage.clock.after(30_000, listener);
    const { code, err } = await stepup([...RUN, '--script', script('sleep 60'), '--key', KEY], { onInterrupt });
    expect(code).toBe(130);
    const [, name = ''] = /The run goes on\.\n {2}Follow it: {2}stepup status (\S+) /.exec(err) ?? [];
    expect(name).toContain(KEY);
    expect((await stepup(['status', name])).out).toMatch(/Status +RUNNING\nState +\w+: /);
    expect((await stepup(['list', '--instance', INSTANCE])).out).toMatch(
      new RegExp(`^${name} +RUNNING +${INSTANCE} +run-remote-script +script +`, 'm'),
    );
    expect(await stepup(['release', name])).toMatchObject({ code: 1, err: expect.stringContaining('✖ Released: ') });
    expect(await stepup(['list', '--status', 'RUNNING'])).toMatchObject({ err: 'There are no such runs.\n' });
  });

  test('of a run that nobody knows', async () => {
    const { stepup } = await requester(await createStage());
    for (const command of ['status', 'release']) {
      const { code, err } = await stepup([command, 'nothing']);
      expect([code, err]).toEqual([2, expect.stringContaining("✖ There is no run 'nothing'")]);
      const there = await stepup([command, 'nothing', '--instance', INSTANCE, '--grant', 'run-remote-script']);
      expect(there).toMatchObject({ code: 2, err: expect.stringContaining('✖ ElevationNotFound: ') });
    }
  });
});
