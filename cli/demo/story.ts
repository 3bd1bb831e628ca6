import { isDeepStrictEqual } from 'node:util';
import { GetRoleCommand, ListAttachedRolePoliciesCommand, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ListExecutionsCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { Script } from '../../state-machine/document';
import type { Course } from '../course';
import { historyTable } from '../historyTable';
import { follow } from './execution';
import { failureOf, type Identity, identityAt, invocationOf, runRemoteScript, until } from './instance';
import type { Mode } from './modes';
import type { Progress, Step } from './progress';
import { BUCKET, INSTANCE, PROFILE, SCRIPT_URL, type Stage } from './stage';

/** What the script makes of cli/demo/world/orders.csv. */
const REPORT = { DE: 261.5, FR: 105.65, IT: 310.25 };
const WHO_IS_IT = `Who is ${INSTANCE}, according to its own metadata service?`;
/** Seconds of real time after which something that should have happened has not. */
const PATIENCE = 120;

/** Tells one elevation from before to after, and checks every claim that it makes. */
export class Story {
  private readonly broken: string[] = [];

  constructor(
    private readonly stage: Stage,
    private readonly mode: Mode,
    private readonly progress: Progress,
  ) {}

  /** @returns the claims that turned out not to be true */
  async tell(): Promise<string[]> {
    const { progress } = this;
    progress.heading('Before');
    const before = await this.whoIsIt();
    await this.isDenied(before);
    progress.heading('The elevation');
    const { elevation, commandId } = await this.elevate(before);
    await this.result(elevation);
    const closed = this.mode.stops ? await this.recover(commandId) : elevation;
    progress.heading('After');
    await this.isBack(before);
    await this.isDenied(before);
    progress.heading("The history of the execution, as the console lists it (in the account's seconds)");
    progress.say(historyTable(elevation.events));
    if (this.mode.stops) progress.say(`\nThe history of its recovery:\n${historyTable(closed.events)}`);
    progress.heading('What is left behind');
    await this.whatIsLeft(closed);
    return this.broken;
  }

  private claim(step: Step, isTrue: boolean, claim: string): void {
    if (isTrue) {
      step.note(`✔ ${claim}`);
    } else {
      step.fail(`✖ NOT TRUE: ${claim}`);
      this.broken.push(claim);
    }
  }

  private whoIsIt(): Promise<Identity> {
    return this.progress.step(WHO_IS_IT, async (step) => {
      const identity = await until('an identity', PATIENCE, () => identityAt(this.stage.metadata));
      describe(step, identity);
      this.claim(step, identity.role === PROFILE, `its role is '${PROFILE}'`);
      return identity;
    });
  }

  /** The same script, sent by the operator, without StepUp. */
  private isDenied({ role }: Identity): Promise<void> {
    return this.progress.step('Run Command runs the script without an elevation', async (step) => {
      const invocation = await runRemoteScript(this.stage.ssm, INSTANCE, SCRIPT_URL, 'node report.cjs');
      const { step: failed, text } = failureOf(invocation);
      step.note(`${invocation.Status} in step '${failed}':\n${text}`);
      const denied = text.includes('AccessDenied') && text.includes(`assumed-role/${role}/`);
      this.claim(step, invocation.Status === 'Failed' && denied, `S3 denies it to role '${role}'`);
    });
  }

  private async elevate(before: Identity): Promise<{ elevation: Course; commandId: string }> {
    const { sfn, machines } = this.stage;
    const request = {
      instanceId: INSTANCE,
      grant: 'run-remote-script',
      work: { s3Script: { url: SCRIPT_URL, commandLine: this.mode.commandLine } },
      durationMinutes: 30,
      reason: 'the demo',
    };
    const executionArn = await this.progress.step('The operator starts an execution', async (step) => {
      const input = JSON.stringify(request, undefined, 2);
      step.note(input);
      const start = new StartExecutionCommand({ stateMachineArn: machines.elevation, name: 'demo', input });
      return (await sfn.send(start)).executionArn as string;
    });
    let commandId = '';
    const elevation = await follow(this.follower, 'elevation', executionArn, async (state, document, step) => {
      if (state !== 'AwaitScript' || commandId) return;
      commandId = document.command?.commandId ?? '';
      await this.isElevated(step, before, document.tempRole?.roleName);
      if (this.mode.stops) await this.stop(step, executionArn);
    });
    return { elevation, commandId };
  }

  private get follower() {
    return { sfn: this.stage.sfn, progress: this.progress };
  }

  private async isElevated(step: Step, before: Identity, tempRole?: string): Promise<void> {
    const during = await until('an identity', PATIENCE, () => identityAt(this.stage.metadata));
    step.note(WHO_IS_IT);
    describe(step, during);
    this.claim(step, during.role === tempRole && during.role !== before.role, 'its role is the temp role');
  }

  /** As a person does it in the console, once the script is at work. */
  private async stop(step: Step, executionArn: string): Promise<void> {
    const orders = await until('the script', PATIENCE, () => this.read('output/at-work.json'));
    step.note(`The script is at work: ${orders}`);
    const cause = 'Stopped in the middle of the script';
    await this.stage.sfn.send(new StopExecutionCommand({ executionArn, error: this.mode.error, cause }));
    step.note('StopExecution: the state machine is gone, and has restored nothing.');
  }

  private async recover(commandId: string): Promise<Course> {
    const { sfn, ssm, machines } = this.stage;
    this.progress.heading('The recovery');
    const executionArn = await this.progress.step('EventBridge tells recover, which starts the recovery machine', () =>
      until('the recovery', PATIENCE, async () => {
        const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machines.recovery }));
        return executions?.[0]?.executionArn;
      }),
    );
    const recovery = await follow(this.follower, 'recovery', executionArn);
    await this.progress.step('How the recovery ended', async (step) => {
      for (const note of recovery.document.outcome?.notes ?? []) step.note(note);
      this.claim(step, recovery.status === 'SUCCEEDED', 'the recovery succeeded');
      const command = await invocationOf(ssm, commandId);
      for (const { Output } of command?.CommandPlugins ?? []) if (Output?.includes(BUCKET)) step.note(Output);
      this.claim(step, command?.Status === 'Cancelled', 'the script was cancelled');
    });
    return recovery;
  }

  private async result({ status, error, cause, document: { script } }: Course): Promise<void> {
    await this.progress.step('How the elevation ended', async (step) => {
      if (script?.done) step.note(outputOf(script));
      // Of a script's own failure the rest of the cause is its output, which stands above.
      if (error) step.note(`${error}: ${error === 'ScriptFailed' ? cause?.split('\n')[0] : cause}`);
      const { status: expected, error: why } = this.mode;
      this.claim(
        step,
        status === expected && error === (why ?? ''),
        `the execution is ${expected}${why ? `: ${why}` : ''}`,
      );
      if (expected === 'SUCCEEDED') await this.isWritten(step);
    });
  }

  private async isWritten(step: Step): Promise<void> {
    const report = (await this.read('output/report.json')) ?? '';
    this.claim(step, report === JSON.stringify(REPORT), `its report is in the bucket: ${report}`);
  }

  /** undefined: there is no such object, which S3 does not tell to one who may not list. */
  private async read(Key: string): Promise<string | undefined> {
    try {
      const { Body } = await this.stage.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      return await Body?.transformToString();
    } catch (error) {
      if ((error as Error).name === 'AccessDenied') return undefined;
      throw error;
    }
  }

  /** The metadata service follows an association some seconds later. */
  private async isBack(before: Identity): Promise<void> {
    await this.progress.step(WHO_IS_IT, async (step) => {
      const after = await until('the original identity', PATIENCE, async () => {
        const identity = await identityAt(this.stage.metadata);
        return identity?.role === before.role && identity;
      });
      describe(step, after);
      this.claim(step, isDeepStrictEqual(after, before), 'it is who it was before');
    });
  }

  private async whatIsLeft({ document }: Course): Promise<void> {
    const { iam, aws } = this.stage;
    const RoleName = document.outcome?.tempRole?.roleName;
    await this.progress.step(
      `Role ${RoleName} drains: credentials that it issued may still be in use`,
      async (step) => {
        const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
        const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
        const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
        const attached = AttachedPolicies.map(({ PolicyName }) => PolicyName ?? '');
        step.note(`Policies: ${[...attached, ...PolicyNames].join(', ')}`);
        this.claim(step, attached.length > 0 && PolicyNames.length === 0, 'the grant is gone, the baseline has stayed');
        const goes = Role?.Tags?.find(({ Key }) => Key === 'stepup:delete-after')?.Value ?? '';
        const hours = (Date.parse(goes) - aws.world.clock.now()) / 3_600_000;
        this.claim(step, hours > 0, `sweep deletes it after ${goes}, in ${hours.toFixed(1)} hours`);
      },
    );
  }
}

function outputOf({ exitCode, stdout, stderr }: Extract<Script, { done: true }>): string {
  const output = [stdout, stderr].map((text) => text.trimEnd()).filter(Boolean);
  return `The script's exit code: ${exitCode}. Its output:\n${output.join('\n').replace(/^/gm, '  ')}`;
}

function describe(step: Step, { role, profileArn }: Identity): void {
  step.note(`role ${role}\nprofile ${profileArn}`);
}
