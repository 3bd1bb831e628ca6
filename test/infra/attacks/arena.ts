import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { FUNCTION_NAMES } from '../../../infra/permissions';
import { createLocalAws, type LocalAws } from '../../../local';
import { type VirtualClock, virtualClock } from '../../../local/clock/virtual';
import type { ConditionContext, Credentials, Decision, World } from '../../../local/world';
import { read, signed } from '../../support/api';
import { clientSettings, inProcessLauncher, warmSdk } from '../../support/inProcess';
import { virtualShell } from '../../support/virtualShell';
import { apiOf } from './attackers';
import { furnish } from './furnish';
import { functionName } from './places';

/** What somebody who holds credentials can do with them. */
export interface Hands {
  ec2: EC2Client;
  iam: IAMClient;
  s3: S3Client;
  sfn: SFNClient;
  ssm: SSMClient;
  sts: STSClient;
  /** Asks a deployment's API. @throws Error AccessDenied, in IAM's words */
  ask(deployment: string, method: string, path: string, body?: object): Promise<unknown>;
  /** Name of the role (or user) that the credentials are of. */
  me: string;
  /** Id of the association that an instance has now: anybody may be told. */
  association(instanceId: string): Promise<string>;
  /** ARN of a ceiling of a deployment, by its grant. */
  ceiling(deployment: string, grant: string): Promise<string>;
}

/** Two deployments in one account, and around them what they must not touch. On virtual time. */
export interface Arena {
  aws: LocalAws;
  world: World;
  clock: VirtualClock;
  /** Lets virtual time pass while `work` is done. */
  during<T>(work: Promise<T>): Promise<T>;
  hands(credentials: Credentials): Hands;
  evaluate(credentials: Credentials, action: string, resource: string, keys?: ConditionContext): Decision;
  close(): Promise<void>;
}

/** Folders of the assemblies, by deployment. */
export type Assemblies = Record<string, string>;

export async function createArena(assemblies: Assemblies): Promise<Arena> {
  const clock = virtualClock();
  let aws: LocalAws;
  const launcher = inProcessLauncher(() => aws);
  aws = createLocalAws({
    clock,
    shell: virtualShell(() => aws.world),
    launcher: {
      // The functions run from their sources, and find the catalogue in the place of their bundles.
      launch: (fn, environment) => launcher.launch({ ...fn, code: folderOf(fn.name, assemblies) }, environment),
    },
  });
  const { world } = aws;
  // The virtual shell reads the metadata service without a socket: nothing real may be waited for on virtual time.
  Object.assign(world.imds, { endpoint: async () => 'http://169.254.169.254' });
  const during = <T>(work: Promise<T>) => clock.run(work);
  await warmSdk(aws);
  // SDK clients are dear to make.
  const hands = new Map<string, Hands>();
  await during(furnish(aws, Object.values(assemblies)));
  return {
    aws,
    world,
    clock,
    during,
    hands: (credentials) => {
      const own = hands.get(credentials.accessKeyId) ?? handsOf(aws, credentials);
      hands.set(credentials.accessKeyId, own);
      return own;
    },
    evaluate: ({ accessKeyId }, action, resource, keys) => {
      const { principal } = world.iam.accessKey(accessKeyId) ?? {};
      if (!principal) throw new Error(`Nobody has the key ${accessKeyId}`);
      return world.iam.evaluate(principal, action, resource, keys);
    },
    close: () => aws.close(),
  };
}

function folderOf(name: string, assemblies: Assemblies): string {
  const isOf = (deployment: string) => FUNCTION_NAMES.some((one) => functionName(one, deployment) === name);
  const [, folder = ''] = Object.entries(assemblies).find(([deployment]) => isOf(deployment)) ?? [];
  return folder;
}

function handsOf(aws: LocalAws, { accessKeyId, secretAccessKey, sessionToken }: Credentials): Hands {
  const settings = clientSettings(aws, async () => ({ accessKeyId, secretAccessKey, sessionToken }));
  return {
    ec2: new EC2Client(settings),
    iam: new IAMClient(settings),
    s3: new S3Client(settings),
    sfn: new SFNClient(settings),
    ssm: new SSMClient(settings),
    sts: new STSClient(settings),
    ask: (deployment, ...asked) => ask(aws, { accessKeyId, secretAccessKey, sessionToken }, deployment, ...asked),
    me: aws.world.iam.accessKey(accessKeyId)?.principal.name ?? '',
    association: (instanceId) => associationOf(aws.world, instanceId),
    ceiling: (deployment, grant) => ceilingOf(aws.world, deployment, grant),
  };
}

/** @throws Error for every answer that is no success */
async function ask(
  aws: LocalAws,
  credentials: Omit<Credentials, 'expiration'>,
  deployment: string,
  ...[method, path, body]: [string, string, object?]
): Promise<unknown> {
  const host = `${await apiOf(aws.world.asRoot, deployment)}.execute-api.us-east-1.amazonaws.com`;
  const headers = { host, 'idempotency-key': aws.world.ids.uuid() };
  const answer = await aws.world.apiGateway.answer(await signed(aws, credentials, method, path, { headers, body }));
  const { status, body: said } = read(answer);
  if (status < 300) return said;
  const name = said.title === 'NotAuthorized' ? 'AccessDenied' : `${said.title} ${status}`;
  throw Object.assign(new Error(said.errors?.[0]?.detail ?? said.detail), { name });
}

export async function associationOf(world: World, instanceId: string): Promise<string> {
  const Filters = [{ Name: 'instance-id', Values: [instanceId] }];
  const { IamInstanceProfileAssociations: all } = await world.asRoot('ec2', 'DescribeIamInstanceProfileAssociations', {
    Filters,
  });
  const id = all.at(-1)?.AssociationId;
  if (!id) throw new Error(`${instanceId} has no profile`);
  return id;
}

export async function ceilingOf(world: World, deployment: string, grant: string): Promise<string> {
  const PathPrefix = `/stepup/ceilings/${deployment}/`;
  const { Policies } = await world.asRoot('iam', 'ListPolicies', { Scope: 'Local', PathPrefix });
  const found = Policies.find(({ PolicyName }: { PolicyName: string }) =>
    PolicyName.includes(`Ceiling${grant.replaceAll('-', '')}`),
  );
  if (!found) throw new Error(`There is no ceiling of ${grant} in ${deployment}`);
  return found.Arn;
}
