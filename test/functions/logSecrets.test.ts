import { describe, expect, test } from '@jest/globals';
import { withoutWork } from '../../functions/common/redact';
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
    expect(failed[0]).toContain("Value '{commands=[…, …]}'");
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

describe('an error is said without what the requester wrote', () => {
  const event = (request: unknown) => ({ document: { request } });

  test.each([
    ['a script', { shell: ['echo hello there'] }, "bad: 'echo hello there'", "bad: '…'"],
    ['a line of it', { shell: ['one line here\nother line'] }, 'bad: other line', 'bad: …'],
    ['the longer first', { shell: ['password', 'password1'] }, 'password1, password', '…, …'],
    [
      'parameters',
      { script: { document: 'Own-Doc', parameters: { key: ['hunter22'] } } },
      'Own-Doc hunter22',
      'Own-Doc …',
    ],
    ['not what is a word of any sentence', { shell: ['echo'] }, 'echo is no command', 'echo is no command'],
  ])('%s', (_, work, message, said) => {
    expect(withoutWork(message, event({ work }))).toBe(said);
  });

  test('the reason', () => {
    expect(withoutWork('Because of ticket 7, no.', event({ reason: 'Because of ticket 7' }))).toBe('…, no.');
  });

  test.each([[undefined], [null], ['text'], [event(null)], [event({ work: null })], [event({ work: 'text' })]])(
    'whatever the event is: %j',
    (odd) => expect(withoutWork('message', odd)).toBe('message'),
  );

  test('however deep it is nested', () => {
    let deep: unknown = 'deep down in it';
    for (let at = 0; at < 200_000; at += 1) deep = [deep];
    expect(withoutWork('deep down in it', event({ work: { shell: deep } }))).toBe('…');
  });
});
