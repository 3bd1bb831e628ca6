import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach } from '@jest/globals';
import { createLocalAws, type LocalAws, type LocalAwsOptions } from '../../local';
import { type VirtualClock, virtualClock } from '../../local/clock/virtual';
import { ASSEMBLY, DEPLOYMENT, INSTANCE, makeProfile } from './deployed';
import { clientSettings, inProcessLauncher, warmSdk } from './inProcess';
import { type Behaviour, virtualShell } from './virtualShell';

export { ASSEMBLY, DEPLOYMENT, INSTANCE, makeProfile } from './deployed';

/** Worlds end with the test that made them. */
const open: LocalAws[] = [];
afterEach(async () => {
  for (const aws of open.splice(0)) await aws.close();
});

export interface Stage {
  aws: LocalAws;
  clock: VirtualClock;
  ec2: EC2Client;
  iam: IAMClient;
  ssm: SSMClient;
  sfn: SFNClient;
  scheduler: SchedulerClient;
  /** Lets virtual time pass while `work` is done. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Lets `seconds` of virtual time pass. */
  pass(seconds: number): Promise<void>;
  /** Starts an elevation; returns its execution ARN. */
  start(request: object, name?: string): Promise<string>;
  /** Redrives an execution that has ended; ends when it runs again. */
  redrive(executionArn: string): Promise<void>;
  /** Lets time pass until the execution has ended. */
  ended(executionArn: string): Promise<DescribeExecutionCommandOutput>;
  /** Names of the states that were entered, in order. */
  states(executionArn: string): Promise<string[]>;
  /** Executions of the recovery machine. */
  recoveries(): Promise<string[]>;
  machineArn(name: 'elevation' | 'recovery'): string;
}

export interface StageOptions extends Omit<LocalAwsOptions, 'clock' | 'shell' | 'launcher'> {
  /** Default: the shipped configuration. */
  assembly?: string;
  behaviour?: Behaviour;
  /** Epoch ms at which virtual time begins. */
  startAt?: number;
  /** Tags of the instance beyond its enrolment. */
  tags?: Record<string, string>;
  /** The instance's own profile; null: none. */
  profile?: string | null;
  wrapLauncher?: (launcher: ReturnType<typeof inProcessLauncher>) => ReturnType<typeof inProcessLauncher>;
  /** Is shown the world before anything is in it. */
  onWorld?: (world: LocalAws['world']) => void;
  /** Takes the functions' log lines. */
  log?: (line: string) => void;
}

/**
 * The stack, deployed into an embedded AWS in this process, on virtual time: one enrolled instance with a profile that
 * holds SSM core and is managed by Systems Manager.
 */
export async function createStage(options: StageOptions = {}): Promise<Stage> {
  const clock = virtualClock(options.startAt);
  let aws: LocalAws;
  const launcher = inProcessLauncher(() => aws, options.log);
  aws = createLocalAws({
    ...options,
    clock,
    shell: virtualShell(() => aws.world, options.behaviour),
    launcher: options.wrapLauncher?.(launcher) ?? launcher,
  });
  open.push(aws);
  options.onWorld?.(aws.world);
  // The virtual shell reads the metadata service without a socket: nothing real may be waited for on virtual time.
  Object.assign(aws.world.imds, { endpoint: async () => 'http://169.254.169.254' });
  const settings = clientSettings(aws, async () => aws.world.iam.rootKey);
  const stage = assemble(aws, clock, settings);
  await warmSdk(aws);
  await stage.during(seed(aws, clock, options));
  return stage;
}

async function seed(aws: LocalAws, clock: VirtualClock, options: StageOptions): Promise<void> {
  const { assembly = ASSEMBLY, profile = 'app', tags = {} } = options;
  await aws.deploy(assembly);
  if (profile) await makeProfile(aws, profile);
  await clock.sleep(60_000);
  const enrolled = { 'stepup:grants': 'run-remote-script read-bucket-prefix', ...tags };
  aws.world.ec2.addInstance({ id: INSTANCE, tags: enrolled, ...(profile && { profile }) });
  await clock.sleep(60_000);
}

function assemble(aws: LocalAws, clock: VirtualClock, settings: ReturnType<typeof clientSettings>): Stage {
  const sfn = new SFNClient(settings);
  const machineArn = (name: string) =>
    `arn:aws:states:us-east-1:${aws.world.account}:stateMachine:${DEPLOYMENT}-${name}`;
  const during = <T>(work: Promise<T>) => clock.run(work);
  let runs = 0;
  return {
    aws,
    clock,
    sfn,
    during,
    machineArn,
    ec2: new EC2Client(settings),
    iam: new IAMClient(settings),
    ssm: new SSMClient(settings),
    scheduler: new SchedulerClient(settings),
    pass: (seconds) => during(clock.sleep(seconds * 1_000)),
    start: async (request, name) => {
      runs += 1;
      const input = JSON.stringify(request);
      const start = new StartExecutionCommand({
        stateMachineArn: machineArn('elevation'),
        name: name ?? `run-${runs}`,
        input,
      });
      return (await during(sfn.send(start))).executionArn as string;
    },
    redrive: async (executionArn) => {
      await during(sfn.send(new RedriveExecutionCommand({ executionArn })));
    },
    ended: (executionArn) => during(endOf(sfn, clock, executionArn)),
    states: (executionArn) => during(statesOf(sfn, executionArn)),
    recoveries: () => during(executionsOf(sfn, machineArn('recovery'))),
  };
}

/** Every machine of ours has ended by then, by its own timeout. */
const LONGEST_RUN_MS = 4 * 24 * 3_600_000;

async function endOf(
  sfn: SFNClient,
  clock: VirtualClock,
  executionArn: string,
): Promise<DescribeExecutionCommandOutput> {
  const start = clock.now();
  for (let wait = 1_000; clock.now() - start < LONGEST_RUN_MS; wait = Math.min(60_000, wait * 1.2)) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await clock.sleep(wait);
  }
  throw new Error(`${executionArn} has not ended in four days`);
}

async function statesOf(client: SFNClient, executionArn: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { events = [] } of paginateGetExecutionHistory({ client }, { executionArn })) {
    names.push(...events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []));
  }
  return names;
}

async function executionsOf(client: SFNClient, stateMachineArn: string): Promise<string[]> {
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
  return executions.map(({ executionArn }) => executionArn as string);
}

/** The shortest request that is accepted on the stage. */
export const request = (work: object = { shell: ['echo done'] }, more: object = {}) => ({
  instanceId: INSTANCE,
  grant: 'run-remote-script',
  work,
  ...more,
});
