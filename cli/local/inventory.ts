import type {
  GetRoleResponse,
  ListAccessKeysResponse,
  ListInstanceProfilesResponse,
  ListPoliciesResponse,
  ListRolesResponse,
  ListUsersResponse,
} from '@aws-sdk/client-iam';
import type { ListBucketsOutput, ListObjectsV2Output } from '@aws-sdk/client-s3';
import type { ListExecutionsOutput, ListStateMachinesOutput } from '@aws-sdk/client-sfn';
import type { World } from '../../local';

/** What of an account can be listed, by kind and name; the value tells a thing from another of the same name. */
export interface Inventory {
  /** Epoch ms of the account's clock. */
  at: number;
  things: Record<Kind, Map<string, string>>;
  /** By instance: the name of its profile, or none. */
  profiles: Map<string, string | undefined>;
  /** Temp roles and temp profiles of elevations: StepUp's own, and not among the things. */
  elevations: Elevation[];
  /** Names of executions, with their machines. */
  running: string[];
}

/** With their plurals. */
export const KINDS = {
  instance: 'instances',
  role: 'roles',
  profile: 'profiles',
  policy: 'policies',
  user: 'users',
  'access key': 'access keys',
  bucket: 'buckets',
  object: 'objects',
};
export type Kind = keyof typeof KINDS;

export interface Elevation {
  /** Of role and profile. */
  name: string;
  instanceId: string;
  /** The tag stepup:delete-after of a role that drains. */
  drainsUntil?: string;
  /** The profile marks the instance as busy. */
  marked: boolean;
}

const ELEVATIONS = '/stepup/elevations/';
const instanceOf = (path: string) => path.slice(ELEVATIONS.length).split('/')[0] as string;

export async function takeInventory(world: World): Promise<Inventory> {
  const roles = await listIam(world, 'ListRoles', ({ Roles = [] }: ListRolesResponse) =>
    Roles.map(({ RoleName, RoleId, Path }) => entity(RoleName, RoleId, Path)),
  );
  const profiles = await listIam(world, 'ListInstanceProfiles', (page: ListInstanceProfilesResponse) =>
    (page.InstanceProfiles ?? []).map((it) => entity(it.InstanceProfileName, it.InstanceProfileId, it.Path)),
  );
  const users = await listIam(world, 'ListUsers', ({ Users = [] }: ListUsersResponse) =>
    Users.map(({ UserName, UserId, Path }) => entity(UserName, UserId, Path)),
  );
  const policies = await listIam(world, 'ListPolicies', ({ Policies = [] }: ListPoliciesResponse) =>
    Policies.filter(({ Arn }) => !Arn?.includes('::aws:')).map((it) => entity(it.PolicyName, it.PolicyId, it.Path)),
  );
  const buckets = await listBuckets(world);
  const instances = world.ec2.instances().filter(({ state }) => state !== 'terminated');
  return {
    at: world.clock.now(),
    things: {
      instance: new Map(instances.map(({ id }) => [id, id])),
      role: idsByName(roles),
      profile: idsByName(profiles),
      policy: idsByName(policies),
      user: idsByName(users),
      'access key': await listKeys(world, users),
      bucket: new Map(buckets.map((name) => [name, name])),
      object: await listObjects(world, buckets),
    },
    profiles: new Map(instances.map(({ id }) => [id, profileOf(world, id)])),
    elevations: await listElevations(world, roles, profiles),
    running: await listRunning(world),
  };
}

interface Entity {
  name: string;
  id: string;
  path: string;
}

const entity = (name = '', id = '', path = '/'): Entity => ({ name, id, path });

const ofElevation = ({ path }: Entity) => path.startsWith(ELEVATIONS);
const idsByName = (entities: Entity[]) =>
  new Map(entities.filter((it) => !ofElevation(it)).map(({ name, id }) => [name, id]));

async function listIam<Page extends { IsTruncated?: boolean | undefined; Marker?: string | undefined }>(
  world: World,
  operation: string,
  entitiesOf: (page: Page) => Entity[],
): Promise<Entity[]> {
  const entities: Entity[] = [];
  for (let Marker: string | undefined, more = true; more; ) {
    const page: Page = await world.asRoot('iam', operation, { Marker });
    entities.push(...entitiesOf(page));
    more = page.IsTruncated ?? false;
    Marker = page.Marker;
  }
  return entities;
}

function profileOf({ ec2 }: World, id: string): string | undefined {
  const attachment = ec2.attachment(id);
  return attachment && 'profileArn' in attachment ? attachment.profileArn.split('/').at(-1) : undefined;
}

/** Ids, with whose they are. */
async function listKeys(world: World, users: Entity[]): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  for (const { name } of users) {
    const own = await world.asRoot('iam', 'ListAccessKeys', { UserName: name });
    for (const { AccessKeyId } of (own as ListAccessKeysResponse).AccessKeyMetadata ?? []) {
      keys.set(`${AccessKeyId} of ${name}`, name);
    }
  }
  return keys;
}

async function listElevations(world: World, roles: Entity[], profiles: Entity[]): Promise<Elevation[]> {
  const names = new Map([...roles, ...profiles].filter(ofElevation).map(({ name, path }) => [name, instanceOf(path)]));
  const elevations: Elevation[] = [];
  for (const [name, instanceId] of names) {
    const marked = profiles.some((profile) => profile.name === name);
    const drainsUntil = roles.some((role) => role.name === name) ? await deleteAfter(world, name) : undefined;
    elevations.push({ name, instanceId, marked, ...(drainsUntil && { drainsUntil }) });
  }
  return elevations;
}

async function deleteAfter(world: World, RoleName: string): Promise<string | undefined> {
  const { Role }: GetRoleResponse = await world.asRoot('iam', 'GetRole', { RoleName });
  return Role?.Tags?.find(({ Key }) => Key === 'stepup:delete-after')?.Value;
}

async function listBuckets(world: World): Promise<string[]> {
  const { Buckets = [] }: ListBucketsOutput = await world.asRoot('s3', 'ListBuckets', {});
  return Buckets.map(({ Name = '' }) => Name);
}

async function listObjects(world: World, buckets: string[]): Promise<Map<string, string>> {
  const objects = new Map<string, string>();
  for (const Bucket of buckets) {
    for (let ContinuationToken: string | undefined, more = true; more; ) {
      const page: ListObjectsV2Output = await world.asRoot('s3', 'ListObjectsV2', { Bucket, ContinuationToken });
      for (const { Key, ETag = '' } of page.Contents ?? []) objects.set(`s3://${Bucket}/${Key}`, ETag);
      more = page.IsTruncated ?? false;
      ContinuationToken = page.NextContinuationToken;
    }
  }
  return objects;
}

async function listRunning(world: World): Promise<string[]> {
  const { stateMachines = [] }: ListStateMachinesOutput = await world.asRoot('states', 'ListStateMachines', {});
  const running: string[] = [];
  for (const { name, stateMachineArn } of stateMachines) {
    const input = { stateMachineArn, statusFilter: 'RUNNING', maxResults: 1000 };
    const { executions = [] }: ListExecutionsOutput = await world.asRoot('states', 'ListExecutions', input);
    running.push(...executions.map((execution) => `${name}: ${execution.name}`));
  }
  return running;
}
