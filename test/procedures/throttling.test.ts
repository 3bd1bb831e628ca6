import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  ListRolesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { DescribeInstanceInformationCommand, GetCommandInvocationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AwsError, createLocalAws, type Intercept, type LocalAws } from '../../local';
import { virtualClock } from '../../local/clock/virtual';

/** Throttling as each service says it: aws-facts 1.4, 2.2, 4.1. */
const THROTTLING = {
  iam: new AwsError('Throttling', 'Rate exceeded', 400),
  ec2: new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503),
  ssm: new AwsError('ThrottlingException', 'Rate exceeded', 400),
  states: new AwsError('ThrottlingException', 'Rate exceeded', 400),
};
const ATTEMPTS = 5;
/** The SDK waits at most so long before the second attempt of a throttled call, and doubles it for each further one. */
const FIRST_WAIT_MS = 1_000;

let aws: LocalAws;
/** Names of the operations that arrived at AWS, each attempt for itself. */
let arrived: string[];
/** Milliseconds that a client waited before each attempt after the first. */
let waits: number[];

/** Clients as everybody makes them, with the SDK's own retries. */
function clients(intercept: Intercept, user?: { accessKeyId: string; secretAccessKey: string }) {
  arrived = [];
  aws = createLocalAws({
    clock: virtualClock(),
    delays: { iamPropagation: 0 },
    intercept: (call, proceed) => {
      arrived.push(call.operation);
      return intercept(call, proceed);
    },
  });
  const settings = {
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1',
    credentials: async () => user ?? aws.world.iam.rootKey,
    requestHandler: aws.requestHandler(),
    maxAttempts: ATTEMPTS,
  };
  return {
    iam: new IAMClient(settings),
    ec2: new EC2Client(settings),
    ssm: new SSMClient(settings),
    states: new SFNClient(settings),
  };
}

/** Nothing waits in these tests but a client between two attempts: nobody waits with it. */
beforeEach(() => {
  waits = [];
  const now = setTimeout;
  jest.spyOn(global, 'setTimeout').mockImplementation(((action: () => void, ms = 0) => {
    waits.push(ms);
    return now(action, 0);
  }) as typeof setTimeout);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await aws.close();
});

const burst = (error: AwsError, answers: number): Intercept => {
  let left = answers;
  return async (_, proceed) => {
    left -= 1;
    if (left >= 0) throw error;
    return proceed();
  };
};

describe('a burst that is throttled', () => {
  const asks = {
    iam: (all: ReturnType<typeof clients>) => all.iam.send(new ListRolesCommand({})),
    ec2: (all: ReturnType<typeof clients>) => all.ec2.send(new DescribeInstancesCommand({})),
    ssm: (all: ReturnType<typeof clients>) => all.ssm.send(new DescribeInstanceInformationCommand({})),
    states: (all: ReturnType<typeof clients>) => all.states.send(new ListStateMachinesCommand({})),
  };
  const services = Object.keys(THROTTLING) as (keyof typeof THROTTLING)[];

  test.each(services)('%s: the client backs off, twice as long each time, and succeeds', async (service) => {
    const all = clients(burst(THROTTLING[service], 3));
    // Its jitter takes this part of the longest wait.
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    const { $metadata } = await asks[service](all);
    expect([$metadata.attempts, arrived.length]).toEqual([4, 4]);
    expect(waits).toEqual([1, 2, 4].map((factor) => 0.5 * factor * FIRST_WAIT_MS));
    expect($metadata.totalRetryDelay).toBe(waits.reduce((sum, ms) => sum + ms));
  });

  test.each(services)('%s: clients that were throttled together do not come back together', async (service) => {
    const first: number[] = [];
    for (let client = 0; client < 5; client += 1) {
      waits = [];
      await asks[service](clients(burst(THROTTLING[service], 1)));
      first.push(waits[0] as number);
      await aws.close();
    }
    expect(new Set(first).size).toBeGreaterThan(1);
    expect(Math.max(...first)).toBeLessThan(FIRST_WAIT_MS);
  });

  test.each(services)('%s: throttling that lasts is the error in the end', async (service) => {
    const all = clients(burst(THROTTLING[service], Number.POSITIVE_INFINITY));
    const { code: name } = THROTTLING[service];
    await expect(asks[service](all)).rejects.toMatchObject({ name });
    expect(arrived).toHaveLength(ATTEMPTS);
  });
});

describe('what will not get better is asked once', () => {
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  const RoleName = 'role';

  /** Clients of a user without any policy. */
  async function nobody() {
    const user = { accessKeyId: '', secretAccessKey: '' };
    const all = clients((_, proceed) => proceed(), user);
    await aws.world.asRoot('iam', 'CreateUser', { UserName: 'nobody' });
    const { AccessKey } = await aws.world.asRoot('iam', 'CreateAccessKey', { UserName: 'nobody' });
    Object.assign(user, { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
    return all;
  }

  test.each([
    ['AccessDenied', async () => (await nobody()).iam.send(new ListRolesCommand({}))],
    ['UnauthorizedOperation', async () => (await nobody()).ec2.send(new DescribeInstancesCommand({}))],
    ['AccessDeniedException', async () => (await nobody()).ssm.send(new DescribeInstanceInformationCommand({}))],
    ['AccessDeniedException', async () => (await nobody()).states.send(new ListStateMachinesCommand({}))],
  ])('denied: %s', async (name, ask) => {
    await expect(ask()).rejects.toMatchObject({ name });
    expect([arrived.length, waits]).toEqual([1, []]);
  });

  type All = ReturnType<typeof clients>;
  test.each([
    [
      'MalformedPolicyDocumentException',
      ({ iam }: All) => iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: '{' })),
    ],
    [
      'ValidationError',
      ({ iam }: All) => iam.send(new CreateRoleCommand({ RoleName: 'a b', AssumeRolePolicyDocument: trust })),
    ],
    [
      'NoSuchEntityException',
      ({ iam }: All) => iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'policy', PolicyDocument: trust })),
    ],
    ['InvalidInstanceID.Malformed', ({ ec2 }: All) => ec2.send(new DescribeInstancesCommand({ InstanceIds: ['bad'] }))],
    [
      'ValidationException',
      ({ ssm }: All) => ssm.send(new GetCommandInvocationCommand({ CommandId: 'bad', InstanceId: 'bad' })),
    ],
  ])('invalid: %s', async (name, ask) => {
    await expect(ask(clients((_, proceed) => proceed()))).rejects.toMatchObject({ name });
    expect([arrived.length, waits]).toEqual([1, []]);
  });

  test('but for a quota of IAM, which the SDK takes for throttling by its name', async () => {
    const all = clients(burst(new AwsError('LimitExceeded', 'Cannot exceed quota for PoliciesPerRole: 10', 409), 99));
    const attach = new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' });
    await expect(all.iam.send(attach)).rejects.toMatchObject({ name: 'LimitExceededException' });
    expect(arrived).toHaveLength(ATTEMPTS);
  });
});
