import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { ConnectionLost, type Intercept } from '../../local';
import { stepup } from '../support/command';
import { scratchFolder } from '../support/scratch';
import { createStage, INSTANCE, type Stage } from '../support/stage';
import { stateOf } from '../support/worldState';

const folder = scratchFolder('command');

/** A local file with these lines. */
function script(...lines: string[]): string {
  const file = join(folder, 'script.sh');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const RUN = ['run', '--instance', INSTANCE, '--grant', 'run-remote-script'];
const own = async (stage: Stage) => (await stateOf(stage)).associations.map(({ profile }) => profile.split('/').at(-1));

describe('stepup run', () => {
  test('follows the run to its end and prints the output', async () => {
    const stage = await createStage();
    const ran = await stepup(stage, [...RUN, '--script', script('echo hello', 'sleep 90'), '--name', 'mine']);
    expect(ran).toMatchObject({ code: 0, out: 'hello\n' });
    expect(ran.err).toContain(`mine: ${INSTANCE} with run-remote-script, by StepUp-us-east-1`);
    expect(ran.err).toMatch(/^ +[\d.]+ s {2}SwapProfile +Exchanges the instance's profile/m);
    expect(ran.err).toContain("✔ Done: the script's exit code is 0.");
    expect(ran.err.match(/AwaitScript/g)).toHaveLength(1);
  });

  test('a script that fails is 1; what it wrote is shown before the profile is given back', async () => {
    const stage = await createStage();
    const order: string[] = [];
    const { code } = await stepup(stage, [...RUN, '--script', script('echo before', 'exit 7')], {
      out: (text) => void order.push(text),
      err: (text) => void order.push(text),
    });
    expect(code).toBe(1);
    const at = (part: string) => order.findIndex((text) => text.includes(part));
    expect(at('before\n')).toBeGreaterThan(at('AwaitScript'));
    expect(at('before\n')).toBeLessThan(at('Restore  '));
    expect(order.at(-1)).toContain('✖ ScriptFailed: The script ended with exit code 7');
  });

  test('--json prints one document', async () => {
    const stage = await createStage();
    const { code, out } = await stepup(stage, [...RUN, '--script', script('echo x', 'exit 3'), '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      exitCode: 1,
      error: 'ScriptFailed',
      status: 'FAILED',
      script: { exitCode: 3, stdout: 'x\n' },
      request: { instanceId: INSTANCE, grant: 'run-remote-script' },
      recovery: null,
    });
  });

  test('--detach starts it, and status --follow sees its end', async () => {
    const stage = await createStage();
    const { code, out, err } = await stepup(stage, [...RUN, '--script', script('echo later', 'sleep 60'), '--detach']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^\d{8}-\d{6}-[0-9a-f]{6}\n$/)]);
    expect(err).toContain(`stepup status ${out.trim()} --follow`);
    expect(await stepup(stage, ['status', out.trim(), '--follow'])).toMatchObject({ code: 0, out: 'later\n' });
  });

  test('every option reaches the request', async () => {
    const stage = await createStage();
    const { out } = await stepup(stage, [
      ...[...RUN, '--document', 'AWS-RunShellScript', '--parameters', '{"commands": "ls"}', '--duration', '2h'],
      ...['--baseline', 'core', '--wait', '5m', '--output-log-group', '/jobs', '--reason', 'ticket 4711'],
      ...['--name', 'all', '--json', '--detach'],
    ]);
    const status = await stepup(stage, ['status', 'all', '--json']);
    expect(JSON.parse(out)).toEqual({ name: 'all', executionArn: expect.stringContaining(':all') });
    expect(JSON.parse(status.out).request).toEqual({
      instanceId: INSTANCE,
      grant: 'run-remote-script',
      work: { script: { document: 'AWS-RunShellScript', parameters: { commands: ['ls'] } } },
      durationMinutes: 120,
      baseline: 'core',
      waitForInstanceMinutes: 5,
      output: { cloudWatchLogGroup: '/jobs' },
      reason: 'ticket 4711',
    });
  });

  test('the same name and request again are the same run; another request is refused', async () => {
    const stage = await createStage();
    const again = [...RUN, '--script', script('sleep 60'), '--name', 'once', '--detach'];
    expect((await stepup(stage, again)).code).toBe(0);
    expect((await stepup(stage, again)).code).toBe(0);
    expect(await stepup(stage, ['status', 'once', '--follow'])).toMatchObject({ code: 0 });
    expect(await stepup(stage, again.slice(0, -1))).toMatchObject({ code: 0 });
    expect(JSON.parse((await stepup(stage, ['list', '--json'])).out)).toHaveLength(1);
    const other = await stepup(stage, [...again, '--reason', 'another']);
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining("There was a run 'once' already") });
  });
});

describe('an answer of StartExecution that is lost', () => {
  /** Every answer, or the first ones, to starts of elevations. */
  const losing = (times: number): Intercept => {
    let calls = 0;
    return async ({ operation, principal }, proceed) => {
      const answer = await proceed();
      if (operation !== 'StartExecution' || principal.kind !== 'root') return answer;
      calls += 1;
      if (calls <= times) throw new ConnectionLost();
      return answer;
    };
  };

  test('once: it is the same run', async () => {
    const stage = await createStage({ intercept: losing(1) });
    expect(await stepup(stage, [...RUN, '--script', script('echo x')])).toMatchObject({ code: 0, out: 'x\n' });
    expect(JSON.parse((await stepup(stage, ['list', '--json'])).out)).toHaveLength(1);
  });

  test('for good: 4, and nothing is denied that may have happened', async () => {
    const stage = await createStage({ intercept: losing(100) });
    const { code, err } = await stepup(stage, [...RUN, '--script', script('echo x')]);
    expect(code).toBe(4);
    const [, name = ''] = /stepup status (\S+)/.exec(err) ?? [];
    expect(err).toContain(`It is not known whether the run was started.\n  See whether it was:  stepup status ${name}`);
    expect(err).toContain(`the same command with --name ${name} is the same run`);
    expect(await stepup(stage, ['status', name, '--follow'])).toMatchObject({ code: 0, out: 'x\n' });
  });
});

describe('Ctrl-C', () => {
  test('before anything was started says so', async () => {
    const stage = await createStage();
    const { code, err } = await stepup(stage, [...RUN, '--script', script('echo x')], {
      onInterrupt: (listener) => {
        listener();
        return () => undefined;
      },
    });
    expect([code, err]).toEqual([130, expect.stringContaining('Nothing was started.')]);
  });

  test('ends the following, not the run, and says how to go on', async () => {
    const stage = await createStage();
    const { code, err } = await stepup(stage, [...RUN, '--script', script('sleep 60'), '--name', 'left'], {
      onInterrupt: (listener) => stage.clock.after(30_000, listener),
    });
    expect(code).toBe(130);
    expect(err).toContain('The run goes on.\n  Follow it:  stepup status left --follow');
    expect(err).toMatch(/aws stepfunctions stop-execution --execution-arn arn:\S+:left/);
    expect((await stepup(stage, ['status', 'left'])).out).toMatch(/Status +RUNNING\nState +\w+: /);
    expect(JSON.parse((await stepup(stage, ['status', 'left', '--json'])).out)).toMatchObject({
      ...{ exitCode: null, error: '', cause: '', status: 'RUNNING', stopped: null },
    });
    expect(await stepup(stage, ['status', 'left', '--follow'])).toMatchObject({ code: 0 });
  });
});

describe('AWS that stops answering in the middle', () => {
  /** GetExecutionHistory loses its answers, from the tenth on, so many times. */
  const losing = (times: number): Intercept => {
    let calls = 0;
    return async ({ operation, principal }, proceed) => {
      if (operation !== 'GetExecutionHistory' || principal.kind !== 'root') return proceed();
      calls += 1;
      if (calls > 10 && calls <= 10 + times) throw new ConnectionLost();
      return proceed();
    };
  };
  const run = [...RUN, '--script', script('sleep 60'), '--name', 'on'];

  test('for a moment: it is followed on', async () => {
    expect(await stepup(await createStage({ intercept: losing(8) }), run)).toMatchObject({ code: 0 });
  });

  test('for good: 4, and how to go on', async () => {
    const { code, err } = await stepup(await createStage({ intercept: losing(1_000) }), run);
    expect(code).toBe(4);
    expect(err).toMatch(
      /AWS was not reached: ECONNRESET.*The run goes on\.\n {2}Follow it: {2}stepup status on --follow/s,
    );
  });
});

describe('a run that somebody stops', () => {
  const stopAt = (stage: Stage, name: string, ms: number) =>
    stage.clock.after(ms, () => {
      const executionArn = `${stage.machineArn('elevation').replace('stateMachine', 'execution')}:${name}`;
      void stage.sfn.send(new StopExecutionCommand({ executionArn, error: 'NotNow', cause: 'By a person.' }));
    });

  test('is 1 once its recovery has given the profile back', async () => {
    const stage = await createStage();
    stopAt(stage, 'stopped', 60_000);
    const { code, err } = await stepup(stage, [...RUN, '--script', script('sleep 600'), '--name', 'stopped']);
    expect(err).toContain('waiting for its recovery');
    expect(err).toMatch(
      /✖ NotNow: The execution was ABORTED in \w+\. By a person\.\nThe instance has been recovered\./,
    );
    expect(code).toBe(1);
    expect(await own(stage)).toEqual(['app']);
    const { out } = await stepup(stage, ['status', 'stopped']);
    const [, recovery = ''] = /^Recovery +(arn:\S+:stopped-[0-9a-f]{16})$/m.exec(out) ?? [];
    expect((await stepup(stage, ['history', recovery])).out).toContain('ExecutionSucceeded');
  });

  test('is told from one whose recovery has almost the same name', async () => {
    const stage = await createStage();
    const names = ['1', '2'].map((end) => `${'n'.repeat(70)}${end}`);
    for (const name of names) {
      stopAt(stage, name, 60_000);
      expect(await stepup(stage, [...RUN, '--script', script('sleep 600'), '--name', name])).toMatchObject({ code: 1 });
      await stage.pass(300);
    }
    for (const name of names) {
      const { recovery } = JSON.parse((await stepup(stage, ['status', name, '--json'])).out);
      const [started] = JSON.parse((await stepup(stage, ['history', recovery, '--json'])).out);
      expect(JSON.parse(started.executionStartedEventDetails.input).execution).toMatch(new RegExp(`:${name}$`));
    }
  });

  test('is 3 while nobody knows whether it was restored', async () => {
    const stage = await createStage({
      intercept: async (call, next) => {
        // The recovery machine cannot be started.
        if (call.operation === 'StartExecution' && JSON.stringify(call.input).includes('-recovery'))
          throw new ConnectionLost();
        return next();
      },
    });
    stopAt(stage, 'lost', 60_000);
    const { code, err } = await stepup(stage, [...RUN, '--script', script('sleep 600'), '--name', 'lost']);
    expect(err).toContain('No recovery has been started yet; sweep looks every 15 minutes.');
    expect(code).toBe(3);
  });
});
