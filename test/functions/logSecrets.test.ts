import { describe, expect, test } from '@jest/globals';
import { resay, withoutWork } from '../../functions/common/redact';
import { AwsError, type Intercept } from '../../local';
import type { Launcher } from '../../local/world';
import { createStage, request, type Stage, type StageOptions } from '../support/stage';
import type { Behaviour } from '../support/virtualShell';
import { FIRST, HOUR, sweepNow } from './sweeps';
import { SETTLED } from './worlds';

/** Found nowhere but where a test puts it. */
const marker = (where: string) => `zq7-${where}-zq7`;
const MARKER = /zq7/;

const says = (script: string, exitCode: number): Behaviour => {
  return ({ script: text }) =>
    text.includes(script)
      ? Promise.resolve({ exitCode, stdout: `${marker('stdout')}\n`, stderr: `${marker('stderr')}\n` })
      : undefined;
};

/** All that comes into a function's log: its own lines, and what Lambda's runtime logs of an error that it throws. */
function logged() {
  const texts: string[] = [];
  const secrets = new Set<string>();
  const wrapLauncher = ({ launch }: Launcher): Launcher => ({
    launch: (fn, environment) => {
      const running = launch({ ...fn, environment: { ...fn.environment, PASSWORD: marker('environment') } }, () => {
        const given = environment();
        for (const [key, value] of Object.entries(given)) if (/SECRET|TOKEN|ACCESS_KEY/.test(key)) secrets.add(value);
        return given;
      });
      return {
        close: () => running.close(),
        invoke: async (event, context) => {
          const answer = await running.invoke(event, context);
          if ('functionError' in answer) texts.push(JSON.stringify(answer.functionError));
          return answer;
        },
      };
    },
  });
  const told = () => {
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.filter((text) => MARKER.test(text))).toEqual([]);
    expect(texts.filter((text) => [...secrets].some((secret) => text.includes(secret)))).toEqual([]);
    // What a URL is signed with: CloudFormation's, a request's.
    expect(texts.filter((text) => /X-Amz-|Signature=/.test(text))).toEqual([]);
  };
  return {
    secrets,
    options: { log: (line: string) => void texts.push(line), wrapLauncher } satisfies StageOptions,
    texts,
    told,
  };
}

const SCRIPT = { shell: [`mysql -p${marker('script')} # ${marker('comment')}`] };
const REASON = { reason: marker('reason') };

async function played(work: object, options: StageOptions = {}, meanwhile?: (stage: Stage) => Promise<unknown>) {
  const { options: logging, secrets, told, texts } = logged();
  const stage = await createStage({ ...options, ...logging });
  await stage.start({ ...request(work), ...REASON });
  await stage.pass(SETTLED);
  await meanwhile?.(stage);
  await stage.pass(HOUR);
  await sweepNow(stage);
  expect(secrets.size).toBeGreaterThan(20);
  told();
  const { input, output, cause } = await stage.aws.world.asRoot('states', 'DescribeExecution', { executionArn: FIRST });
  return { history: [input, output, cause].join(), texts };
}

describe('nothing of a secret comes into a log', () => {
  test.each([
    ['succeeds', 0],
    ['fails: its output is in the cause of the run', 9],
  ])('when a script %s', async (_, exitCode) => {
    const { history } = await played(SCRIPT, { behaviour: says('mysql', exitCode) });
    for (const where of ['script', 'comment', 'reason', 'stdout', 'stderr']) expect(history).toContain(marker(where));
  });

  test('of parameters and of a URL that is signed', async () => {
    const url = `https://tools.s3.amazonaws.com/x.sh?X-Amz-Signature=${marker('signature')}`;
    const { history } = await played({ s3Script: { url, commandLine: `x.sh --token ${marker('parameter')}` } });
    expect(history).toContain(marker('parameter'));
  });

  test('when the run is aborted and recovered', async () => {
    const abort = ({ aws }: Stage) => aws.world.asRoot('states', 'StopExecution', { executionArn: FIRST });
    const { texts } = await played({ shell: [...SCRIPT.shell, 'sleep 3000'] }, {}, abort);
    expect(texts.some((text) => text.includes('ElevationsRecovered'))).toBe(true);
  });

  test.each([
    ['a definite no', 400, 'CommandRejected'],
    ['no answer', 500, 'CommandOutcomeUnknown'],
  ])('when SSM repeats the parameters in its message: %s', async (_, status, errorName) => {
    const intercept: Intercept = async ({ operation, input }, proceed) => {
      const { Parameters } = (input ?? {}) as { Parameters?: { commands?: string[] } };
      if (operation !== 'SendCommand' || !Parameters?.commands) return proceed();
      const text = `1 validation error detected: Value '{commands=[${Parameters.commands.join(', ')}]}' at 'parameters'`;
      throw new AwsError('InvalidParameters', text, status);
    };
    const shell = [`first ${marker('one')}\nsecond ${marker('two')}`, `third ${marker('three')}`];
    const { texts } = await played({ shell }, { intercept });
    const failed = texts.filter((text) => text.includes(errorName) && text.includes('"failed"'));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toContain("1 validation error detected: Value '{commands=[…");
    expect(failed[0]).toContain("' at 'parameters'");
  });

  test.each([
    ['denies', 'AccessDeniedException', 400, 'AwsAccessDenied'],
    ['refuses', 'InvalidParameters', 400, 'CommandRejected'],
    ['throttles', 'ThrottlingException', 400, 'AwsUnavailable'],
    ['fails', 'InternalServerError', 500, 'CommandOutcomeUnknown'],
  ])(
    'however SSM quotes the script when it %s it: broken off, escaped, a token of a line',
    async (_, code, status, name) => {
      const shell = [`run --token=${marker('token')} \\\r\n  "${marker('quoted')}" & x`];
      const escaped = JSON.stringify(shell[0]).replaceAll('&', '&amp;');
      const text = `unexpected token '${marker('token').slice(0, 7)}…' in ${escaped}, ${marker('token')}`;
      const intercept: Intercept = async ({ operation, input }, proceed) => {
        const { DocumentName } = (input ?? {}) as { DocumentName?: string };
        if (operation !== 'SendCommand' || DocumentName !== 'AWS-RunShellScript') return proceed();
        throw new AwsError(code, text, status);
      };
      const { texts } = await played({ shell }, { intercept });
      const failed = texts.filter((line) => line.includes(name) && line.includes('"failed"'));
      expect(failed).toHaveLength(1);
      expect(failed[0]).toContain('unexpected …');
      if (name.startsWith('Command')) expect(failed[0]).toMatch(/; request id [\w-]+\)/);
    },
  );

  test.each([
    ['a name', { commands: ['echo'], [marker('name')]: ['x'] }, 'RequestInvalid'],
    ['a value', { commands: ['echo'], executionTimeout: [marker('value')] }, 'DurationTooLong'],
    ['a short value', { commands: ['echo'], executionTimeout: ['zq7'] }, 'DurationTooLong'],
  ])('of parameters that are refused: %s', async (_, parameters, name) => {
    const { options, told, texts } = logged();
    const stage = await createStage(options);
    const { error } = await stage.ended(
      await stage.start(request({ script: { document: 'AWS-RunShellScript', parameters } })),
    );
    expect(error).toBe(name);
    expect(texts.some((text) => text.includes(name))).toBe(true);
    told();
  });

  test.each(['recover', 'restore'])('when the history is not what it should be: %s', async (whose) => {
    const broken: Intercept = async ({ operation, principal }, proceed) => {
      const answer = (await proceed()) as { events?: object[] };
      if (operation !== 'GetExecutionHistory' || !principal.name?.endsWith(`-${whose}`)) return answer;
      const output = `${marker('history')} is no JSON`;
      const entered = { name: 'AwaitScript', input: output };
      return { events: answer.events?.map((event) => ({ ...event, stateEnteredEventDetails: entered })) };
    };
    const { options, told, texts } = logged();
    const stage = await createStage({ ...options, intercept: broken });
    await stage.start(request({ shell: ['sleep 3000'] }));
    await stage.pass(SETTLED);
    await stage.aws.world.asRoot('states', 'StopExecution', { executionArn: FIRST });
    await stage.pass(HOUR);
    expect(texts.some((text) => text.includes('A text that should be JSON is not'))).toBe(true);
    told();
  });

  test('when a request has anything where an instance and a grant should be, and keys that nobody knows', async () => {
    const { options, told, texts } = logged();
    const stage = await createStage(options);
    const wrong = { ...request(SCRIPT), ...REASON, script: marker('key') };
    await stage.ended(
      await stage.start({ ...wrong, instanceId: { secret: marker('object') }, grant: `${marker('grant')}!` }),
    );
    await stage.ended(await stage.start({ ...wrong, instanceId: marker('string'), grant: [marker('list')] }));
    expect(texts.filter((text) => text.includes('RequestInvalid')).length).toBeGreaterThan(1);
    told();
  });

  test('when a recovery is asked for something that is no run', async () => {
    const { options, told } = logged();
    const stage = await createStage(options);
    const start = { stateMachineArn: stage.machineArn('recovery') };
    for (const execution of [{ secret: marker('object') }, [marker('list')], 7]) {
      const input = JSON.stringify({ execution, note: marker('note') });
      await stage.aws.world.asRoot('states', 'StartExecution', { ...start, input });
    }
    await stage.pass(SETTLED);
    told();
  });
});

describe('what others say is said without what the requester wrote', () => {
  const shell = (...lines: string[]) => ({ work: { shell: lines } });
  const ONE = shell('mysql -p hunter2secret --host db');

  test.each<[string, object, string, string]>([
    ['a script', shell('echo hello there'), "bad: 'echo hello there'", "bad: '…'"],
    ['a token of a line', ONE, "unexpected token 'hunter2secret' near", "unexpected token '…' near"],
    ['broken off', ONE, "invalid: 'mysql -p hunter2s…", "invalid: '…"],
    ['broken off at its begin', ONE, "invalid: '…r2secret --host db'", "invalid: '…'"],
    ['with more around it', ONE, 'no xhunter2secretx', 'no …'],
    ['trimmed', shell('   two words   '), "bad: 'two words'", "bad: '…'"],
    ['other blanks', shell('two\t \twords'), 'bad: two words', 'bad: …'],
    ['CRLF', shell('one line\r\nother line\r\n'), "bad: 'other line'", "bad: '…'"],
    ['as JSON', shell('say "p@ss" \\o/\nhunter2'), String.raw`bad: "say \"p@ss\" \\o/\nhunter2"`, 'bad: "…"'],
    ['as JSON in JSON', shell('a\nhunter2'), String.raw`bad: \"a\\nhunter2\"`, 'bad: "…"'],
    ['as JSON with codes', shell('one<p@ss'), String.raw`bad: one\u003cp\u0040ss.`, 'bad: ….'],
    ['as XML', shell('p&ss<w0'), 'bad: p&amp;ss&lt;w0.', 'bad: ….'],
    ['as XML with codes', shell('p&ss<w0'), 'bad: p&#38;ss&#x3c;w0.', 'bad: ….'],
    ['as XML, written as XML', shell('p&amp;ss'), 'bad: p&amp;amp;ss.', 'bad: ….'],
    ['no letters alone', shell('set p@s-w0!d'), "near 'p@s-w0'", "near '…'"],
    ['short words in a row', shell('rm -f a b c d'), "near '-f a b c'", "near '…'"],
    ['a short line', shell('x1', 'y'), "near 'x1', no", "near '…', no"],
    ['a short value', { work: { script: { parameters: { key: ['123'] } } } }, 'bad 123', 'bad …'],
    ['the name of a parameter', { work: { script: { parameters: { hunter2: [] } } } }, 'no hunter2', 'no …'],
    ['the longer first', shell('pass', 'password1'), 'password1, pass', '…'],
    ['the reason', { reason: 'ticket 7 of Ann' }, 'ticket 7 of Ann, no.', '…, no.'],
    ['not what is a word of any sentence', shell('cp it to x7/y'), 'it is to be one', 'it is to be one'],
    ["not the request's own fields", shell('echo'), "at 'parameters': shell", "at 'parameters': shell"],
  ])('%s', (_, asked, message, said) => {
    expect(withoutWork(message, asked)).toBe(said);
  });

  test('names that the document declares stay, also where the script has them', () => {
    const work = {
      script: { document: 'Own-Doc', parameters: { dbPassword: ['hunter22'], more: ['Own-Doc dbPassword'] } },
    };
    const said = withoutWork("Own-Doc: dbPassword is 'hunter22'", { work }, ['Own-Doc', 'dbPassword', 'more']);
    expect(said).toMatch(/^Own.Doc.*dbPassword is '…'$/);
  });

  test('no more than begins a long message', () => {
    expect(withoutWork('no '.repeat(10_000), ONE).length).toBeLessThan(3_000);
  });

  test.each([[undefined], [null], ['text'], [{}], [{ work: null }], [{ work: 'other' }]])(
    'whatever the request is: %j',
    (odd) => expect(withoutWork('message', odd)).toBe('message'),
  );

  test('however deep it is nested', () => {
    let deep: unknown = 'deep down in it';
    for (let at = 0; at < 200_000; at += 1) deep = [deep];
    expect(withoutWork('deep down in it', { work: { shell: deep } })).toBe('…');
  });

  test('also in the stack', () => {
    const error = resay(new TypeError('hunter2\n    at hunter2'), 'said anew');
    expect(error.message).toBe('said anew');
    expect(error.stack).toMatch(/^TypeError: said anew\n {4}at /);
    expect(error.stack).not.toContain('hunter2');
  });
});
