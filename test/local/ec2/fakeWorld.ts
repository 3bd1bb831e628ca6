import { type VirtualClock, virtualClock } from '../../../local/clock/virtual';
import { createEc2 } from '../../../local/ec2';
import { createImds } from '../../../local/imds';
import {
  type Call,
  createIds,
  DEFAULT_ASSUMPTIONS,
  DEFAULT_DELAYS,
  type IamPort,
  type ProfileView,
  type World,
} from '../../../local/world';

export interface Authorized {
  action: string;
  resource: string;
  context: Record<string, unknown>;
}

/** A world with EC2 and IMDS, over an IAM of nothing but profiles and the roles that do not trust EC2. */
export function fakeWorld(start?: number) {
  const clock: VirtualClock = virtualClock(start);
  const ids = createIds('test');
  const profiles = new Map<string, ProfileView>();
  const untrusting = new Set<string>();
  const authorized: Authorized[] = [];
  const denied = new Set<string>();
  const iam = {
    rootKey: { accessKeyId: 'AKIAROOT', secretAccessKey: 'secret' },
    profileSeenByEc2: (nameOrArn) =>
      [...profiles.values()].find(({ name, arn }) => name === nameOrArn || arn === nameOrArn),
    trusts: (roleName) => !untrusting.has(roleName) && 'named',
    issueSession: ({ lifetime }) => ({
      accessKeyId: ids.accessKeyId('ASIA'),
      secretAccessKey: ids.secret(40),
      sessionToken: ids.secret(100),
      expiration: clock.now() + lifetime,
    }),
  } satisfies Partial<IamPort>;
  const world = {
    account: '123456789012',
    region: 'eu-central-1',
    partition: 'aws',
    clock,
    ids,
    delays: { ...DEFAULT_DELAYS },
    assumptions: DEFAULT_ASSUMPTIONS,
    iam,
  } as unknown as { -readonly [Key in keyof World]: World[Key] };
  world.ec2 = createEc2(world);
  world.imds = createImds(world);

  /** With `role` false: an empty profile. */
  const profile = (name: string, role = true): ProfileView => {
    const view: ProfileView = {
      name,
      arn: `arn:aws:iam::123456789012:instance-profile/team/${name}`,
      id: ids.unique('AIPA'),
      role: role ? { name, arn: `arn:aws:iam::123456789012:role/team/${name}`, id: ids.unique('AROA') } : undefined,
    };
    profiles.set(name, view);
    return view;
  };

  // biome-ignore lint/suspicious/noExplicitAny: inputs and outputs have the SDK's shapes, asserted by the tests
  const call = (name: string, input: object = {}): any => {
    const found = world.ec2.operations.find((operation) => operation.name === name);
    if (!found) throw new Error(`No operation ${name}`);
    const authorize: Call<unknown>['authorize'] = (action, resource, context) => {
      authorized.push({ action, resource: String(resource), context: context ?? {} });
      if (denied.has(action)) throw new Error(`denied ${action}`);
    };
    return found.run({ world, input, authorize, requestId: 'r', principal: {} as Call<unknown>['principal'] });
  };
  const pass = (ms: number) => clock.run(clock.sleep(ms));
  const associations = (instanceId: string) =>
    call('DescribeIamInstanceProfileAssociations', { Filters: [{ Name: 'instance-id', Values: [instanceId] }] })
      .IamInstanceProfileAssociations;

  return { world, clock, profile, profiles, untrusting, authorized, denied, call, pass, associations };
}

/** Code and message of the AWS error that `action` ends with. */
export function failure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return code ? `${code}: ${message}` : message;
  }
  return 'none';
}
