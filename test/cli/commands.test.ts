import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { CredentialsProviderError } from '@smithy/core/config';
import { main } from '../../cli/main';
import { stepup } from '../support/command';
import { held } from '../support/holding';
import { createStage, INSTANCE, request } from '../support/stage';

/** Runs the command with a client whose every call answers so; takes what it writes to either stream. */
async function said(send: () => Promise<unknown>, ...argv: string[]): Promise<{ code: number; text: string }> {
  const sfn: SFNClient = Object.assign(Object.create(SFNClient.prototype), { send });
  let text = '';
  const take = (part: string) => {
    text += part;
  };
  const code = await main(argv, {
    command: 'stepup',
    clock: { now: () => 0, sleep: async () => {} },
    onInterrupt: () => () => undefined,
    clients: () => ({ sfn, ssm: undefined as never, iam: undefined as never, scheduler: undefined as never }),
    confirm: async () => false,
    fetch: async () => new Response(),
    random: () => 0,
    out: take,
    err: take,
  });
  return { code, text };
}

test('stepup history has no token of a hold', async () => {
  const stage = await createStage();
  const { token } = await held(stage, request({ hold: {} }));
  const { out } = await stepup(stage, ['history', 'run-1', '--json']);
  expect(out).toContain('waitForTaskToken');
  expect(out).not.toContain(token);
  expect(out).toContain('(left out)');
});

describe('stepup list', () => {
  test('the latest runs, newest first, with what they were for', async () => {
    const stage = await createStage();
    await stage.ended(await stage.start(request(), 'first'));
    await stage.ended(await stage.start(request({ shell: ['exit 1'] }), 'second'));
    const { out } = await stepup(stage, ['list']);
    const [head, second, first] = out.split('\n').map((line) => line.split(/ {2,}/));
    expect(head).toEqual(['NAME', 'STATUS', 'INSTANCE', 'GRANT', 'STARTED', 'LASTED', 'ERROR']);
    expect(second).toEqual(expect.arrayContaining(['second', 'FAILED', INSTANCE, 'run-remote-script', 'ScriptFailed']));
    expect(first?.slice(0, 2)).toEqual(['first', 'SUCCEEDED']);
    const names = async (...options: string[]) =>
      JSON.parse((await stepup(stage, ['list', '--json', ...options])).out).map(({ name }: { name: string }) => name);
    expect(await names('--status', 'failed')).toEqual(['second']);
    expect(await names('--limit', '1')).toEqual(['second']);
    expect(await names('--instance', INSTANCE)).toEqual(['second', 'first']);
    expect((await stepup(stage, ['list', '--instance', 'i-00000000000000001'])).err).toBe('There are no such runs.\n');
  });
});

describe('stepup status and history', () => {
  test('of a run that has ended', async () => {
    const stage = await createStage();
    await stage.ended(await stage.start(request({ shell: ['echo last words', 'exit 4'] }, { reason: 'why' }), 'ended'));
    const { code, out } = await stepup(stage, ['status', 'ended']);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^Run +ended\nInstance +i-\w+\nGrant +run-remote-script\nRequester +direct-start\nReason +why\nStarted/,
    );
    expect(out).toMatch(/^Status +FAILED at /m);
    expect(out).toMatch(/^Script +Failed, exit code 4$/m);
    expect(out).toMatch(/^Output +last words$/m);
    const history = await stepup(stage, ['history', 'ended']);
    expect(history.out).toMatch(/^ID +Type +Step +Lambda function +Started after \(s\)\n1 +ExecutionStarted/);
    expect(history.out).toMatch(/^\d+ +LambdaFunctionScheduled +SwapProfile +StepUp-us-east-1-swapProfile:1 +[\d.]+$/m);
    expect(JSON.parse((await stepup(stage, ['history', 'ended', '--json'])).out)[0].type).toBe('ExecutionStarted');
  });

  test('of a run that does not exist', async () => {
    const stage = await createStage();
    for (const command of ['status', 'history']) {
      const { code, err } = await stepup(stage, [command, 'nothing']);
      expect([code, err]).toEqual([2, expect.stringContaining("✖ There is no run 'nothing': see `stepup list`.")]);
    }
  });
});

test.each(['null', '{"instanceId": 5, "reason": {}}', '"text"'])('a run of %s is shown, too', async (input) => {
  const stage = await createStage();
  const start = { stateMachineArn: stage.machineArn('elevation'), name: 'odd', input };
  await stage.during(stage.sfn.send(new StartExecutionCommand(start)));
  expect(await stepup(stage, ['status', 'odd', '--follow'])).toMatchObject({ code: 2 });
  expect((await stepup(stage, ['status', 'odd'])).out).toMatch(/^Outcome +✖ RequestInvalid: /m);
  expect((await stepup(stage, ['list'])).out).toMatch(/^odd +FAILED/m);
});

describe('stepup grants', () => {
  test('lists what is released, and shows the policy of one', async () => {
    const stage = await createStage();
    const { out } = await stepup(stage, ['grants']);
    expect(out).toMatch(/^GRANT +MINUTES +DESCRIPTION\nread-bucket-prefix +\d+ +\w.*\nrun-remote-script +\d+ +\w/);
    const one = await stepup(stage, ['grants', 'run-remote-script']);
    expect(one.out).toMatch(/^Documents +AWS-RunRemoteScript$/m);
    expect(one.out).toContain('"s3:PutObject"');
    expect(JSON.parse((await stepup(stage, ['grants', '--json'])).out)).toHaveLength(2);
  });

  test('helps with a near miss', async () => {
    const stage = await createStage();
    const { code, err } = await stepup(stage, ['grants', 'run-remote-scrpt']);
    expect([code, err]).toEqual([2, expect.stringContaining("did you mean 'run-remote-script'?")]);
  });
});

describe('which deployment', () => {
  const list = (argv: string[], ...names: string[]) =>
    said(
      async () => ({ stateMachines: names.map((name) => ({ name, stateMachineArn: `arn:${name}` })) }),
      ...['list', ...argv],
    );

  test('none', async () => {
    expect(await list([], 'other', 'lonely-elevation')).toEqual({
      code: 2,
      text: '✖ There is no StepUp in this account and region: look at AWS_REGION and AWS_PROFILE, or deploy one.\n',
    });
  });

  test('several', async () => {
    const all = ['a-elevation', 'a-recovery', 'b-elevation', 'b-recovery'];
    expect((await list([], ...all)).text).toContain('There are several deployments: a, b. Say which');
    expect((await list(['--deployment', 'c'], ...all)).text).toContain("no deployment 'c' in this account and region");
  });
});

describe('AWS that does not answer', () => {
  const aws = (name: string, message: string) => Object.assign(new Error(message), { name, $metadata: {} });

  test.each([
    [Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' }), 'AWS_ENDPOINT_URL'],
    [aws('AccessDeniedException', 'User: … is not authorized'), 'aws sts get-caller-identity'],
    [new CredentialsProviderError('Could not load credentials from any providers'), '--profile'],
    [new Error('Region is missing'), '--region'],
  ])('%s is 4, with a hint', async (error, hint) => {
    const { code, text } = await said(() => Promise.reject(error), 'list');
    expect(code).toBe(4);
    expect(text).toContain(error.message);
    expect(text).toContain(hint);
  });
});

describe('usage', () => {
  const unconnected = (...argv: string[]) => said(() => Promise.reject(new Error('It asked AWS')), ...argv);

  test.each(['run', 'status', 'history', 'list', 'grants', 'local'])('%s --help has examples', async (command) => {
    const { code, text } = await unconnected(command, '--help');
    expect(code).toBe(0);
    expect(text).toContain(`Examples:\n  stepup ${command}`);
  });

  test('--version', async () => expect(await unconnected('--version')).toEqual({ code: 0, text: '0.1.0\n' }));

  test('what is wrong is named', async () => {
    const typo = await unconnected('run', '--instance', 'i', '--grant', 'g', '--scirpt', 'x');
    expect(typo).toMatchObject({ code: 2, text: expect.stringContaining('Did you mean --script?') });
    expect(await unconnected('run')).toMatchObject({ code: 2, text: expect.stringContaining('--instance <id>') });
    const twice = await unconnected('run', '--instance', 'i', '--grant', 'a', '--grant', 'b');
    expect(twice).toMatchObject({ code: 2, text: expect.stringContaining('Give it once.') });
    const empty = await unconnected('run', '--instance', 'i', '--grant', 'a', '--baseline', '');
    expect(empty).toMatchObject({ code: 2, text: expect.stringContaining('It is empty.') });
    expect(await unconnected('runn')).toMatchObject({ code: 2, text: expect.stringContaining('Did you mean run?') });
    expect(await unconnected('list', '--status', 'odd')).toMatchObject({
      code: 2,
      text: expect.stringContaining('RUNNING'),
    });
    expect(await unconnected()).toMatchObject({ code: 2, text: expect.stringContaining('Commands:') });
  });
});
