import type { LogGroup } from '@aws-sdk/client-cloudwatch-logs';
import type { AccessKeyMetadata, AttachedPolicy, InstanceProfile, Policy, Role, Tag, User } from '@aws-sdk/client-iam';
import type { _Object, Bucket, HeadObjectOutput } from '@aws-sdk/client-s3';
import type { GetServiceSettingResult } from '@aws-sdk/client-ssm';
import type { World } from '../../local';
import { all } from './listing';

/** What is compared, with the plurals. */
export const KINDS = {
  instance: 'instances',
  role: 'roles',
  profile: 'profiles',
  policy: 'policies',
  user: 'users',
  'access key': 'access keys',
  bucket: 'buckets',
  object: 'objects',
  'log group': 'log groups',
  setting: 'settings',
};
export type Kind = keyof typeof KINDS;

/** What of an account can be listed, but is not compared. */
export const NOT_COMPARED = 'executions and commands that have ended, unfinished uploads';

export interface Thing {
  /** Tells it from another of the same name. */
  id: string;
  /** What can be read of it. A text is short enough to be shown. */
  contents: Record<string, string | string[] | undefined>;
}
export type Things = Record<Kind, Map<string, Thing>>;

/** The elevations' own roles and profiles are not asked for: they come and go, and are looked at as elevations. */
export async function listThings(world: World, roles: Role[], profiles: InstanceProfile[]): Promise<Things> {
  const users = await all<User>(world, 'iam', 'ListUsers', 'Users');
  const buckets = await all<Bucket>(world, 's3', 'ListBuckets', 'Buckets');
  return {
    instance: listInstances(world),
    role: await mapped(roles, ({ RoleName = '' }) => readIdentity(world, 'Role', RoleName)),
    profile: await mapped(profiles, (profile) => readProfile(world, profile)),
    policy: await listPolicies(world),
    user: await mapped(users, ({ UserName = '' }) => readIdentity(world, 'User', UserName)),
    'access key': new Map((await Promise.all(users.map((user) => listKeys(world, user)))).flat()),
    bucket: await mapped(buckets, ({ Name = '', CreationDate }) => [Name, thing(CreationDate)]),
    object: new Map((await Promise.all(buckets.map((bucket) => listObjects(world, bucket)))).flat()),
    'log group': await listLogGroups(world),
    setting: new Map([await readHostManagement(world)]),
  };
}

type Entry = [name: string, Thing];

const mapped = async <Item>(items: Item[], read: (item: Item) => Entry | Promise<Entry>): Promise<Map<string, Thing>> =>
  new Map(await Promise.all(items.map(read)));

const thing = (id: unknown, contents: Thing['contents'] = {}): Thing => ({ id: JSON.stringify(id), contents });

/** In whatever order AWS lists them. */
const shown = (items: unknown[] = []) => items.map((item) => JSON.stringify(item)).sort();

function listInstances({ ec2 }: World): Map<string, Thing> {
  const alive = ec2.instances().filter(({ state }) => state !== 'terminated');
  return new Map(alive.map(({ id, state, tags }) => [id, thing(id, { state, tags: shown(Object.entries(tags)) })]));
}

/** @param kind as in the names of IAM's operations */
async function readIdentity(world: World, kind: 'Role' | 'User', name: string): Promise<Entry> {
  const who = { [`${kind}Name`]: name };
  const { [kind]: found } = await world.asRoot('iam', `Get${kind}`, who);
  const { RoleId, UserId, AssumeRolePolicyDocument, Description, MaxSessionDuration, ...it } = found as Role & User;
  const attached = await all<AttachedPolicy>(world, 'iam', `ListAttached${kind}Policies`, 'AttachedPolicies', who);
  const inline: unknown[] = [];
  for (const PolicyName of await all<string>(world, 'iam', `List${kind}Policies`, 'PolicyNames', who)) {
    inline.push(await world.asRoot('iam', `Get${kind}Policy`, { ...who, PolicyName }));
  }
  const contents = {
    trust: shown([AssumeRolePolicyDocument]),
    'attached policies': shown(attached),
    'inline policies': shown(inline),
    boundary: it.PermissionsBoundary?.PermissionsBoundaryArn,
    tags: shown(it.Tags),
    description: shown([Description]),
    'session duration': MaxSessionDuration?.toString(),
  };
  return [name, thing(RoleId ?? UserId, contents)];
}

async function readProfile(world: World, { InstanceProfileName = '', ...it }: InstanceProfile): Promise<Entry> {
  const tags = await all<Tag>(world, 'iam', 'ListInstanceProfileTags', 'Tags', { InstanceProfileName });
  const role = it.Roles?.[0]?.RoleName;
  return [InstanceProfileName, thing(it.InstanceProfileId, { role, tags: shown(tags) })];
}

/** Customer managed. Their documents cannot be changed here: a policy has one version. */
async function listPolicies(world: World): Promise<Map<string, Thing>> {
  const policies = await all<Policy>(world, 'iam', 'ListPolicies', 'Policies', { Scope: 'Local' });
  return mapped(policies, ({ PolicyName = '', PolicyId }) => [PolicyName, thing(PolicyId)]);
}

async function listKeys(world: World, { UserName }: User): Promise<Entry[]> {
  const keys = await all<AccessKeyMetadata>(world, 'iam', 'ListAccessKeys', 'AccessKeyMetadata', { UserName });
  return keys.map(({ AccessKeyId, Status: status }) => [`${AccessKeyId} of ${UserName}`, thing(UserName, { status })]);
}

async function listObjects(world: World, { Name: Bucket }: Bucket): Promise<Entry[]> {
  const objects = await all<_Object>(world, 's3', 'ListObjectsV2', 'Contents', { Bucket });
  return Promise.all(
    objects.map(async ({ Key, ETag }): Promise<Entry> => {
      const head: HeadObjectOutput = await world.asRoot('s3', 'HeadObject', { Bucket, Key });
      const { ContentType, ContentEncoding, Metadata = {} } = head;
      const metadata = shown([ContentType, ContentEncoding, ...Object.entries(Metadata)]);
      return [`s3://${Bucket}/${Key}`, thing(ETag, { metadata })];
    }),
  );
}

async function listLogGroups(world: World): Promise<Map<string, Thing>> {
  const groups = await all<LogGroup>(world, 'logs', 'DescribeLogGroups', 'logGroups');
  return mapped(groups, async ({ logGroupName = '', creationTime, storedBytes }) => {
    const streams = await all(world, 'logs', 'DescribeLogStreams', 'logStreams', { logGroupName });
    return [logGroupName, thing(creationTime, { events: shown([storedBytes, ...streams]) })];
  });
}

async function readHostManagement(world: World): Promise<Entry> {
  const SettingId = '/ssm/managed-instance/default-ec2-instance-management-role';
  const { ServiceSetting }: GetServiceSettingResult = await world.asRoot('ssm', 'GetServiceSetting', { SettingId });
  return ['Default Host Management', thing(SettingId, { role: ServiceSetting?.SettingValue })];
}
