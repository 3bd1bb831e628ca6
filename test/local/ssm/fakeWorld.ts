import type { Clock } from '../../../local/clock';
import { virtualClock } from '../../../local/clock/virtual';
import { createSsm } from '../../../local/ssm';
import {
  AwsError,
  createIds,
  DEFAULT_ASSUMPTIONS,
  DEFAULT_DELAYS,
  type Instance,
  type Principal,
  type Shell,
  type World,
} from '../../../local/world';

export const INSTANCE = 'i-0123456789abcdef0';
const CORE = ['ssm:UpdateInstanceInformation', 'ssmmessages:CreateControlChannel', 'ssmmessages:OpenControlChannel'];

const opened: (() => Promise<void> | void)[] = [];

/** For afterEach: what still runs goes, with its scratch folder. */
export async function closeWorlds() {
  for (const close of opened.splice(0)) await close();
}

type Result = Awaited<ReturnType<Shell['run']>>;
export type Run = Parameters<Shell['run']>[0];

/** A shell in virtual time: 'sleep N; exit N', or whatever `answer` says about a script. */
export function virtualShell(clock: Clock, answer: (run: Run) => Partial<Result> = () => ({})) {
  const runs: Run[] = [];
  const shell: Shell = {
    run: (run) => {
      runs.push(run);
      const seconds = Number(/sleep (\d+)/.exec(run.script)?.[1] ?? 0);
      const exitCode = Number(/exit (\d+)/.exec(run.script)?.[1] ?? 0);
      return new Promise((resolve) => {
        const callOff = clock.after(seconds * 1000, () =>
          resolve({ exitCode, stdout: '', stderr: '', ...answer(run) }),
        );
        run.signal.addEventListener('abort', () => {
          callOff();
          resolve({ exitCode: 137, stdout: 'so far', stderr: '' });
        });
      });
    },
  };
  return { shell, runs };
}

/** Just what SSM asks its neighbours for. `rights`: what the instance's role allows. `denied`: what the caller may not. */
export function fakeWorld<C extends Clock>(
  clock: C,
  shell: Shell,
  options: { platform?: 'Linux' | 'Windows'; requestHandler?: () => unknown; endpoint?: string } = {},
) {
  const instance: Instance = {
    id: INSTANCE,
    arn: `arn:aws:ec2:eu-west-1:123456789012:instance/${INSTANCE}`,
    state: 'running',
    tags: { team: 'a' },
    platform: options.platform ?? 'Linux',
    httpTokens: 'required',
    agent: { running: true, version: '3.3.5226.0' },
    privateIp: '10.0.0.7',
    launchedAt: 0,
  };
  const principal: Principal = {
    kind: 'assumed-role',
    arn: 'arn:aws:sts::123456789012:assumed-role/r/s',
    userId: 'x',
    issuedAt: 0,
  };
  const state = { rights: CORE, profile: true, swappedAt: 0 };
  const authorized: [string, string, object?][] = [];
  const keys = { accessKeyId: 'ASIAX', secretAccessKey: 's', sessionToken: 't', expiration: 0 };
  const world = {
    account: '123456789012',
    region: 'eu-west-1',
    partition: 'aws',
    clock,
    ids: createIds(),
    delays: DEFAULT_DELAYS,
    assumptions: DEFAULT_ASSUMPTIONS,
    endpoint: options.endpoint ?? '',
    ec2: {
      instance: (id: string) => (id === INSTANCE ? instance : undefined),
      instances: () => [instance],
      attachment: () => ({ since: state.swappedAt }),
    },
    imds: {
      endpoint: async () => 'http://127.0.0.1:4',
      credentials: () => (state.profile ? { roleName: 'r', profileArn: 'p', credentials: keys } : undefined),
    },
    iam: {
      accessKey: () => ({ secretAccessKey: 's', principal }),
      evaluate: (_: Principal, action: string) => ({ allowed: state.rights.includes(action) }),
    },
  } as unknown as World;
  const ssm = createSsm(world, shell, { requestHandler: options.requestHandler });
  opened.push(() => ssm.close?.());
  const call = async (name: string, input: object, denied: string[] = []) => {
    const operation = ssm.operations.find((one) => one.name === name);
    if (!operation) throw new Error(`no ${name}`);
    const authorize = (action: string, resources: string | string[] = '*', context?: object) => {
      authorized.push([action, String(resources), context]);
      if (denied.includes(String(resources))) throw new AwsError('AccessDeniedException', `${action} ${resources}`);
    };
    return operation.run({ world, input, principal, requestId: 'r', authorize });
  };
  return { world, ssm, call, instance, state, authorized, clock };
}

/** A world in virtual time. */
export function virtualWorld(answer?: (run: Run) => Partial<Result>, options: Parameters<typeof fakeWorld>[2] = {}) {
  const clock = virtualClock();
  const { shell, runs } = virtualShell(clock, answer);
  const world = fakeWorld(clock, shell, options);
  const send = async (commands: string[], more: object = {}, parameters: Record<string, string[]> = {}) => {
    const input = { InstanceIds: [INSTANCE], DocumentName: 'AWS-RunShellScript', TimeoutSeconds: 30, ...more };
    const { Command } = await world.call('SendCommand', { ...input, Parameters: { commands, ...parameters } });
    return Command as { CommandId: string; [key: string]: unknown };
  };
  const status = (CommandId: string, PluginName?: string) =>
    world.call('GetCommandInvocation', { CommandId, InstanceId: INSTANCE, PluginName });
  const parent = async (CommandId: string) => (await world.call('ListCommands', { CommandId })).Commands[0];
  const later = (ms: number) => clock.run(clock.sleep(ms));
  return { ...world, runs, send, status, parent, later };
}
