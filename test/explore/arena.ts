import { createLocalAws, type Intercept, type LocalAws, readStack } from '../../local';
import { type VirtualClock, virtualClock } from '../../local/clock/virtual';
import type { Assumptions, EventRule, InvokeResult, ServiceName } from '../../local/world';
import type { TaskEvent } from '../../state-machine/document';
import { isErrorName } from '../../state-machine/errors';
import { ASSEMBLY, DEPLOYMENT, INSTANCE, makeProfile } from '../support/deployed';
import { virtualShell } from '../support/virtualShell';
import { measure } from './cost';
import type { Scenario } from './scenarios';
import type { Call, End, Execution, Invocation, Trace } from './trace';
import type { WarmFunctions, Work } from './warm';
import { type Bound, INVOCATION } from './wire';

export type Proceed = () => Promise<unknown>;
/** Ends a function at once: nothing more is heard of it. */
export type Kill = () => Promise<never>;

export interface CallInProgress {
  by: Invocation;
  service: ServiceName;
  operation: string;
  /** The same for all attempts of a client at one call. */
  client: string;
}

/** Where an exploration steps in. */
export interface Hooks {
  call(call: CallInProgress, proceed: Proceed, kill: Kill): Promise<unknown>;
  invocation(invocation: Invocation, work: Work, kill: Kill): Promise<InvokeResult>;
  entered(run: string, place: string): void;
  /** After how many ms, beyond EventBridge's own delay, a change of status is told; [] is never. */
  deliveries(run: string): number[];
}

let known: ReturnType<typeof readStack> | undefined;
/** Every world of this process has the same. */
const stack = () => (known ??= readStack(process.env.STEPUP_ASSEMBLY ?? ASSEMBLY));

type World = LocalAws['world'];
type StatusChange = Parameters<World['events']['publish']>[0];
const OVER = ['FAILED', 'TIMED_OUT', 'ABORTED', 'SUCCEEDED'];

/** The stack in an embedded AWS on virtual time, one enrolled instance, and a record of everything that happens. */
export class Arena {
  readonly clock: VirtualClock = virtualClock();
  readonly aws: LocalAws;
  readonly trace: Trace = {
    calls: [],
    scripts: [],
    elevations: [],
    recoveries: [],
    acts: [],
    bugs: [],
    end: {} as End,
  };
  private readonly invocations = new Map<string, { invocation: Invocation; kill: Kill }>();
  private readonly waiting = new Set<() => void>();
  private sweepRule: EventRule | undefined;

  constructor(
    private readonly scenario: Scenario,
    functions: WarmFunctions,
    private readonly hooks: Hooks,
    options: { seed: string; assumptions: Partial<Assumptions> },
  ) {
    const at = () => ({ world: this.aws.world, requestHandler: this.aws.requestHandler() });
    this.aws = createLocalAws({
      seed: options.seed,
      clock: this.clock,
      delays: scenario.delays,
      assumptions: options.assumptions,
      signatures: 'trusted',
      intercept: (call, proceed) => this.intercept(call, proceed),
      shell: {
        ...virtualShell(
          () => this.aws.world,
          ({ script, signal }, world) => this.work(script, signal, world),
        ),
        touchesNoFiles: true,
      },
      launcher: {
        launch: (fn, environment) => functions.launch(fn, environment, at(), (...invoked) => this.invoke(...invoked)),
      },
    });
    Object.assign(this.aws.world.imds, { endpoint: async () => 'http://169.254.169.254' });
  }

  get world(): World {
    return this.aws.world;
  }

  /** Deploys the stack, and has the instance ready. */
  async prepare(): Promise<void> {
    const { events } = this.world;
    const { putRule, publish } = events;
    // The exploration calls sweep itself, and only while there may be something to sweep.
    events.putRule = (rule) => {
      if (rule.schedule) this.sweepRule = rule;
      else putRule(rule);
    };
    events.publish = (event) => this.changed(event, publish);
    this.world.states.onEntered = (arn, state) => this.hooks.entered(...this.placeOf(arn, state));
    const deployed = measure('deploying');
    // In a new world guardRelease has nothing to refuse.
    await this.aws.deploy(stack(), { assumeCreated: true });
    deployed();
    const { profile } = this.scenario;
    for (const name of [profile, 'other']) if (name) await makeProfile(this.aws, name);
    await this.clock.sleep(30_000);
    if (!profile) await this.manageByDefault();
    this.world.ec2.addInstance({
      id: INSTANCE,
      tags: { 'stepup:grants': 'run-remote-script' },
      ...(profile && { profile }),
    });
    this.world.ec2.addInstance({ id: BYSTANDER, tags: { 'stepup:grants': 'run-remote-script' }, profile: 'other' });
    await this.clock.sleep(60_000);
    const Parameters = { commands: ['# theirs'] };
    const theirs = { InstanceIds: [INSTANCE], DocumentName: 'AWS-RunShellScript', Comment: 'theirs', Parameters };
    await this.world.asRoot('ssm', 'SendCommand', theirs);
    this.trace.calls = [];
  }

  /** Without a profile an instance is managed by Default Host Management, or not at all. */
  private async manageByDefault(): Promise<void> {
    const RoleName = 'AWSSystemsManagerDefaultEC2InstanceManagementRole';
    const Principal = { Service: 'ssm.amazonaws.com' };
    const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] };
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy';
    const AssumeRolePolicyDocument = JSON.stringify(trust);
    await this.world.asRoot('iam', 'CreateRole', { RoleName, Path: '/service-role/', AssumeRolePolicyDocument });
    await this.world.asRoot('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
    await this.clock.sleep(30_000);
    await this.world.asRoot('ssm', 'UpdateServiceSetting', {
      SettingId: '/ssm/managed-instance/default-ec2-instance-management-role',
      SettingValue: `service-role/${RoleName}`,
    });
    await this.clock.sleep(this.scenario.delays.defaultHostManagement ?? 0);
  }

  /** Asks for an elevation, as a requester does. */
  async start(name: string): Promise<void> {
    const { waitForInstanceMinutes, scriptSeconds, holdMinutes } = this.scenario;
    const request = {
      instanceId: INSTANCE,
      grant: 'run-remote-script',
      ...(holdMinutes
        ? { work: { hold: {} }, durationMinutes: holdMinutes }
        : { work: { shell: [`# work of ${name} for ${scriptSeconds} s`] } }),
      ...(waitForInstanceMinutes && { waitForInstanceMinutes }),
    };
    const stateMachineArn = this.machine('elevation');
    await this.byHand('states', 'StartExecution', { stateMachineArn, name, input: JSON.stringify(request) });
  }

  machine(name: 'elevation' | 'recovery'): string {
    return `arn:aws:states:us-east-1:${this.world.account}:stateMachine:${DEPLOYMENT}-${name}`;
  }

  execution(run: string): string {
    return `${this.machine('elevation').replace(':stateMachine:', ':execution:')}:${run}`;
  }

  /** A call by somebody who may do everything; it is in the trace as any other. */
  async byHand<Output = unknown>(service: ServiceName, operation: string, input: object): Promise<Output> {
    const call = { by: undefined, sent: this.clock.now(), service, operation, input };
    return (await this.recorded(call, () => this.world.asRoot(service, operation, input))) as Output;
  }

  /** What the schedule of the rule does every 15 minutes. While another sweep runs Lambda has it wait. */
  async sweep(): Promise<void> {
    if (!this.sweepRule) return;
    const { targets, arn } = this.sweepRule;
    const invoker = { service: 'events.amazonaws.com', sourceArn: arn };
    const invoke = () => this.world.lambda.invoke(targets[0]?.arn as string, { source: 'aws.events' }, invoker);
    for (let backoff = 1_000; ; backoff *= 2) {
      const error = await invoke().then(() => undefined, String);
      if (!error) return;
      if (!error.includes('Rate Exceeded')) throw new Error(error);
      await this.clock.sleep(backoff);
    }
  }

  /** Resolves when no execution runs. */
  async idle(): Promise<void> {
    while (this.isBusy()) await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  isBusy(): boolean {
    return [...this.trace.elevations, ...this.trace.recoveries].some(({ endedAt }) => endedAt === undefined);
  }

  private placeOf(executionArn: string, state: string): [run: string, place: string] {
    const name = nameIn(executionArn);
    if (!executionArn.includes(`${DEPLOYMENT}-recovery:`)) return [name, state];
    const run = this.trace.elevations.find((elevation) => name.startsWith(`${elevation.name}-`));
    return [run?.name ?? '', `recovery:${state}`];
  }

  private intercept({ service, operation, input, headers }: Parameters<Intercept>[0], proceed: Proceed) {
    const known = this.invocations.get(headers[INVOCATION] ?? '');
    if (!known) return proceed();
    const { invocation: by, kill } = known;
    const sent = this.clock.now();
    const recorded = () => this.recorded({ by, sent, service, operation, input }, proceed);
    const client = headers['amz-sdk-invocation-id'] ?? '';
    return this.hooks.call({ by, service, operation, client }, recorded, kill);
  }

  private async recorded(asked: Omit<Call, 'at'>, proceed: Proceed): Promise<unknown> {
    const call: Call = { at: this.clock.now(), ...asked };
    const begun = measure('operations');
    try {
      const answer = proceed();
      begun();
      call.output = await answer;
      return call.output;
    } catch (error) {
      call.error = (error as { code?: string }).code ?? (error as Error).message;
      throw error;
    } finally {
      this.trace.calls.push(call);
    }
  }

  private invoke(event: unknown, bound: Bound, requestId: string, work: Work): Promise<InvokeResult> {
    const invocation: Invocation = { id: requestId, ...placeOf(event) };
    bound.invocation = invocation;
    let kill: Kill = () => new Promise(() => undefined);
    const killed = new Promise<never>((_, reject) => {
      kill = () => {
        reject(new Error('killed'));
        return new Promise(() => undefined);
      };
    });
    killed.catch(() => undefined);
    this.invocations.set(requestId, { invocation, kill });
    return Promise.race([
      this.hooks.invocation(invocation, work, kill).then((result) => this.noted(invocation, result)),
      killed,
    ]);
  }

  /** A function may fail by an error of ours, and in no other way. */
  private noted({ run, place }: Invocation, result: InvokeResult): InvokeResult {
    const error = 'functionError' in result ? result.functionError : undefined;
    if (error && !isErrorName(error.errorType ?? ''))
      this.trace.bugs.push(`${place} of ${run}: ${error.errorType}: ${error.errorMessage}`);
    return result;
  }

  private changed(event: StatusChange, publish: (event: StatusChange) => void): void {
    const detail = event.detail as Record<string, string | number>;
    const { executionArn, name, status, startDate, stopDate, error, cause, output } = detail;
    const isRecovery = detail.stateMachineArn === this.machine('recovery');
    const executions = isRecovery ? this.trace.recoveries : this.trace.elevations;
    const known = executions.find(({ arn }) => arn === executionArn);
    const now = { name, arn: executionArn, status, startedAt: startDate, error, cause, output } as Execution;
    const execution = Object.assign(known ?? now, now, {
      endedAt: OVER.includes(String(status)) ? stopDate : undefined,
    });
    if (!known) executions.push(execution);
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
    const delays = isRecovery || !execution.endedAt ? [0] : this.hooks.deliveries(String(name));
    for (const delay of delays) this.clock.after(delay, () => publish(event));
  }

  /** The script of a request: it does nothing but last. */
  private work(script: string, signal: AbortSignal, { clock, imds }: World) {
    if (script.includes('# theirs'))
      return clock.sleep(THEIRS_MS).then(() => ({ exitCode: 0, stdout: '', stderr: '' }));
    const [, run = '', seconds] = /# work of (\S+) for (\d+) s/.exec(script) ?? [];
    if (!run) return undefined;
    const start = { at: clock.now(), run, roleName: imds.credentials(INSTANCE)?.roleName, endedAt: 0 };
    this.trace.scripts.push(start);
    const end = () => {
      start.endedAt ||= clock.now();
      return { exitCode: 0, stdout: `${run}\n`, stderr: '' };
    };
    signal.addEventListener('abort', end, { once: true });
    return clock.sleep(Number(seconds) * 1_000).then(end);
  }
}

/** Another instance, which is none of any run's business. */
const BYSTANDER = 'i-0fedcba9876543210';
/** As long as a command of somebody else runs on the instance. */
const THEIRS_MS = 30 * 60_000;

const nameIn = (arn = '') => arn.slice(arn.lastIndexOf(':') + 1);

/** Whom and what an invocation is for. */
function placeOf(event: unknown): Pick<Invocation, 'run' | 'place'> {
  const { execution, state, document, detail } = event as Partial<TaskEvent> & { detail?: { executionArn?: string } };
  if (detail?.executionArn) return { run: nameIn(detail.executionArn), place: 'recover' };
  if (!execution || !state) return { run: '', place: 'sweep' };
  if (!execution.Id.includes(`${DEPLOYMENT}-recovery`)) return { run: nameIn(execution.Id), place: state.Name };
  const elevation = (document?.request as { execution?: string } | undefined)?.execution;
  return { run: nameIn(elevation), place: `recovery:${state.Name}` };
}
