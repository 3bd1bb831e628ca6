import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import type { Intercept } from '../../local';
import {
  createStage,
  DEPLOYMENT,
  INSTANCE,
  makeProfile,
  request,
  type Stage,
  type StageOptions,
} from '../support/stage';
import type { Behaviour } from '../support/virtualShell';

/** One start of a run's script: under which role, from when to when. */
interface ScriptRun {
  instance: string;
  run: string;
  roles: (string | undefined)[];
  begin: number;
  end: number;
}

const CHANGES = /^(Associate|Disassociate|Replace)IamInstanceProfile/;
const BARE = 'none';

interface WatchOptions extends StageOptions {
  /** Each AWS call of StepUp takes up to half a second, by this seed: runs overtake each other between any two calls. */
  latency?: number;
  /** How long each script takes. */
  scriptSeconds?: number;
}

/** A stage on which every script that starts and every profile that an instance ever has is written down. */
export async function watchedStage({ latency, scriptSeconds = 20, ...options }: WatchOptions = {}) {
  const next = random(latency ?? 0);
  const scripts: ScriptRun[] = [];
  const profiles: Record<string, string[]> = {};
  const calls: Record<string, number> = {};
  let stage: Stage | undefined;
  const noteProfiles = () => {
    for (const { id } of stage?.aws.world.ec2.instances() ?? []) {
      const attached = stage?.aws.world.ec2.attachment(id);
      const name = attached && 'profileArn' in attached ? (attached.profileArn.split('/').at(-1) as string) : BARE;
      profiles[id] ??= [];
      if (profiles[id].at(-1) !== name) profiles[id].push(name);
    }
  };
  const intercept: Intercept = async ({ service, operation, principal }, proceed) => {
    const call = `${service} ${operation}`;
    const isOurs = principal.name?.startsWith(DEPLOYMENT) && stage !== undefined;
    if (isOurs) calls[call] = (calls[call] ?? 0) + 1;
    if (isOurs && latency !== undefined) await stage?.clock.sleep(next() * 500);
    const answer = await proceed();
    if (CHANGES.test(operation)) noteProfiles();
    return answer;
  };
  const behaviour: Behaviour = ({ script, instanceId }, { clock, imds }) => {
    const [, run] = /^run (\S+)/.exec(script.trim()) ?? [];
    if (!run) return undefined;
    const role = () => imds.credentials(instanceId)?.roleName;
    const started: ScriptRun = { instance: instanceId, run, roles: [role()], begin: clock.now(), end: Number.NaN };
    scripts.push(started);
    return clock.sleep(scriptSeconds * 1_000).then(() => {
      started.roles.push(role());
      started.end = clock.now();
      return { exitCode: 0, stdout: '', stderr: '' };
    });
  };
  stage = await createStage({ intercept, behaviour, ...options });
  noteProfiles();
  return { stage, scripts, profiles, calls };
}

export type Watched = Awaited<ReturnType<typeof watchedStage>>;

interface Requests {
  /** Seconds after which each request is made. */
  offsets: number[];
  more?: object;
  instances?: string[];
}

/** Requests that come at certain times, on one instance or on several in turn. @returns how each run ended */
export function together({ stage }: Watched, { offsets, more = {}, instances = [INSTANCE] }: Requests) {
  const { sfn, clock } = stage;
  const one = async (offset: number, at: number) => {
    await clock.sleep(offset * 1_000);
    const instanceId = instances[at % instances.length];
    const input = JSON.stringify({ ...request({ shell: [`run together-${at}`] }, more), instanceId });
    const start = { stateMachineArn: stage.machineArn('elevation'), name: `together-${at}`, input };
    const { executionArn } = await sfn.send(new StartExecutionCommand(start));
    return executionArn as string;
  };
  return stage.during(Promise.all(offsets.map(one)).then((arns) => allEnded(stage, arns)));
}

/** Looks every minute, one after the other: an execution that runs is not asked for twice. */
async function allEnded({ sfn, clock }: Stage, arns: string[]): Promise<DescribeExecutionCommandOutput[]> {
  const ends: DescribeExecutionCommandOutput[] = [];
  for (const executionArn of arns) {
    for (;;) {
      const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== 'RUNNING') {
        ends.push(execution);
        break;
      }
      await clock.sleep(60_000);
    }
  }
  return ends;
}

/** What is promised of several elevations: one at a time on an instance, each under its own role, each script at most once. */
export function expectOrder({ scripts, profiles }: Watched, ends: DescribeExecutionCommandOutput[]): void {
  const began = ends.filter(({ status }) => status === 'SUCCEEDED').map(({ name }) => name);
  expect(scripts.map(({ run }) => run).sort()).toEqual(began.sort());
  for (const { run, roles } of scripts) {
    const own = tempName(ends.find(({ name }) => name === run)?.executionArn as string);
    expect(roles).toEqual([own, own]);
  }
  for (const [instance, names] of Object.entries(profiles)) {
    const here = scripts.filter((script) => script.instance === instance).sort((a, b) => a.begin - b.begin);
    for (const [at, { begin }] of here.entries()) expect(begin).toBeGreaterThanOrEqual(here[at - 1]?.end ?? 0);
    // Never from one temp profile to the next: between two of them the instance has its own again.
    const own = names[0] as string;
    expect(names.filter((_, at) => at % 2 === 0)).toEqual(names.filter((_, at) => at % 2 === 0).map(() => own));
    for (const name of names.filter((_, at) => at % 2 === 1)) expect(name).toMatch(/^stepup-/);
    expect(names.at(-1)).toBe(own);
  }
}

/** Between 0 and 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** When requests come: all in one instant, or spread over some seconds by a seed. */
export const sameInstant = (count: number): number[] => new Array(count).fill(0);
export const spread = (count: number, seconds: number, seed: number): number[] => {
  const next = random(seed);
  return Array.from({ length: count }, () => Math.round(next() * seconds * 1_000) / 1_000);
};

export const OTHER = 'i-0fedcba9876543210';

/** Another instance, enrolled and managed like the stage's own. */
export async function secondInstance({ aws, during, pass }: Stage): Promise<void> {
  await during(makeProfile(aws, 'other'));
  await pass(60);
  const tags = { 'stepup:grants': 'run-remote-script' };
  aws.world.ec2.addInstance({ id: OTHER, tags, profile: 'other' });
  await pass(60);
}

/** Default Host Management, which manages instances without a profile. */
export async function manageWithoutProfile({ aws: { world }, pass }: Stage): Promise<void> {
  const RoleName = 'AWSSystemsManagerDefaultEC2InstanceManagementRole';
  const Statement = [{ Effect: 'Allow', Principal: { Service: 'ssm.amazonaws.com' }, Action: 'sts:AssumeRole' }];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await world.asRoot('iam', 'CreateRole', { RoleName, Path: '/service-role/', AssumeRolePolicyDocument });
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy';
  await world.asRoot('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
  await pass(60);
  await world.asRoot('ssm', 'UpdateServiceSetting', {
    SettingId: '/ssm/managed-instance/default-ec2-instance-management-role',
    SettingValue: `service-role/${RoleName}`,
  });
  await pass(3_600);
}

/** How many events the history of an execution has. */
export async function eventsOf({ sfn, during }: Stage, executionArn: string): Promise<number> {
  const last = new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 });
  return (await during(sfn.send(last))).events?.[0]?.id ?? 0;
}
