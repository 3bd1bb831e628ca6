import { ListCommandsCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import { ConnectionLost } from '../../local';
import { createStage, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';
import { answering, FIRST, rightBefore, undone, watch } from './midRun';
import { SETTLED } from './worlds';

describe('SendScript', () => {
  const commands = async ({ during, ssm }: Stage) =>
    (await during(ssm.send(new ListCommandsCommand({ InstanceId: INSTANCE })))).Commands?.filter(
      ({ DocumentName }) => DocumentName === 'AWS-RunShellScript',
    ) ?? [];

  test('hears no answer: CommandOutcomeUnknown; started once, and cancelled', async () => {
    const lost = async (proceed: () => Promise<unknown>) => {
      await proceed();
      throw new ConnectionLost();
    };
    const { calls, intercept } = watch('SendCommand', { 1: lost });
    const stage = await createStage({ intercept });
    const { status, error, cause, before, rest } = await undone(stage, request({ shell: ['sleep 3000'] }));
    expect([status, error]).toEqual(['FAILED', 'CommandOutcomeUnknown']);
    expect(cause).toContain("Look at Run Command's history");
    expect(calls).toHaveLength(1);
    expect(await commands(stage)).toMatchObject([{ Status: 'Cancelled', Comment: tempName(FIRST) }]);
    expect(rest).toEqual(before);
  });

  test('hears that AWS failed: CommandOutcomeUnknown; it is not sent again', async () => {
    const { calls, intercept } = watch('SendCommand', { 1: answering('InternalServerError', 500) });
    const { error } = await undone(await createStage({ intercept }));
    expect([error, calls.length]).toEqual(['CommandOutcomeUnknown', 1]);
  });

  test('is throttled: tries again, for nothing was done; one command runs', async () => {
    const slow = answering('ThrottlingException');
    const { calls, intercept } = watch('SendCommand', { 1: slow, 2: slow });
    const stage = await createStage({ intercept });
    expect((await undone(stage)).status).toBe('SUCCEEDED');
    expect(calls).toHaveLength(3);
    expect(await commands(stage)).toHaveLength(1);
  });

  test('is throttled for good: AwsUnavailable', async () => {
    const slow = answering('ThrottlingException');
    const { calls, intercept } = watch('SendCommand', { 1: slow, 2: slow, 3: slow, 4: slow, 5: slow });
    const { error } = await undone(await createStage({ intercept }));
    expect([error, calls.length]).toEqual(['AwsUnavailable', 5]);
  });

  test('is denied: AwsAccessDenied', async () => {
    const { calls, intercept } = watch('SendCommand', { 1: answering('AccessDeniedException') });
    const { error } = await undone(await createStage({ intercept }));
    expect([error, calls.length]).toEqual(['AwsAccessDenied', 1]);
  });

  test('has a parameter that SSM does not take: CommandRejected, nothing was started', async () => {
    const work = {
      script: { document: 'AWS-RunShellScript', parameters: { commands: ['echo'], executionTimeout: ['60', '90'] } },
    };
    const stage = await createStage();
    const { error, cause, before, rest } = await undone(stage, request(work));
    expect(error).toBe('CommandRejected');
    expect(cause).toContain("mend the request's work");
    expect(await commands(stage)).toEqual([]);
    expect(rest).toEqual(before);
  });

  test("bounds the script by the request's duration, unless the request does it itself", async () => {
    const { calls, intercept } = watch('SendCommand');
    const stage = await createStage({ intercept });
    const parameters = { commands: ['echo'], executionTimeout: ['77'] };
    await stage.ended(await stage.start(request(undefined, { durationMinutes: 20 })));
    await stage.ended(await stage.start(request({ script: { document: 'AWS-RunShellScript', parameters } })));
    const timeouts = calls.map(({ input }) => (input.Parameters as { executionTimeout: string[] }).executionTimeout);
    expect(timeouts).toEqual([['1200'], ['77']]);
  });
});

describe('AwaitScript', () => {
  async function ends(act: (stage: Stage) => Promise<unknown> | unknown, options: StageOptions = {}) {
    const stage = await createStage(options);
    const run = await stage.start(request({ shell: ['sleep 600'] }, { durationMinutes: 15 }));
    await stage.pass(SETTLED);
    await act(stage);
    return stage.ended(run);
  }

  test('sees a command that somebody cancelled: ScriptFailed, as SSM calls it', async () => {
    const { status, error, cause } = await ends(async (stage) => {
      const { Commands = [] } = await stage.during(stage.ssm.send(new ListCommandsCommand({ InstanceId: INSTANCE })));
      const CommandId = Commands.find(({ DocumentName }) => DocumentName === 'AWS-RunShellScript')?.CommandId;
      await stage.aws.world.asRoot('ssm', 'CancelCommand', { CommandId });
    });
    expect([status, error]).toEqual(['FAILED', 'ScriptFailed']);
    expect(cause).toContain('aws:runShellScript');
  });

  test('sees a command that the agent never took: CommandUndeliverable', async () => {
    let stage: Stage;
    const wrapLauncher = rightBefore('SendScript', async () => {
      stage.aws.world.ec2.instance(INSTANCE)!.agent.running = false;
    });
    stage = await createStage({ wrapLauncher });
    const { error, cause, before, rest } = await undone(stage);
    expect(error).toBe('CommandUndeliverable');
    expect(cause).toContain('DeliveryTimedOut');
    expect(rest).toEqual(before);
  });

  test('outlives its instance: the run ends at once, and says why', async () => {
    const { status, error } = await ends(({ aws }) => aws.world.ec2.stopInstance(INSTANCE));
    expect(status).toBe('FAILED');
    expect(error).toBe('InstanceNotRunning');
  });
});
