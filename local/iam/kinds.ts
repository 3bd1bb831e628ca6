import type { Tag } from '@aws-sdk/client-iam';
import { AwsError, type Call, type ConditionContext } from '../world';
import type { Entity, Identity, Of, Role, State, Store } from './store';
import { requestTags, withTags } from './tags';

/** Under the names of GetAccountSummary (aws-facts 2.4). */
export const QUOTAS = {
  RolesQuota: 1000,
  UsersQuota: 5000,
  InstanceProfilesQuota: 1000,
  PoliciesQuota: 1500,
  AttachedPoliciesPerRoleQuota: 10,
  AttachedPoliciesPerUserQuota: 10,
  RolePolicySizeQuota: 10_240,
  UserPolicySizeQuota: 2_048,
  PolicySizeQuota: 6_144,
  AssumeRolePolicySizeQuota: 2_048,
  AccessKeysPerUserQuota: 2,
};

export type Table = 'roles' | 'users' | 'profiles' | 'policies';

/** `word` as in the actions' names, `noun` as in ARNs; `prefix` of unique ids. */
const KINDS = {
  roles: { word: 'Role', noun: 'role', prefix: 'AROA' },
  users: { word: 'User', noun: 'user', prefix: 'AIDA' },
  profiles: { word: 'InstanceProfile', noun: 'instance-profile', prefix: 'AIPA' },
  policies: { word: 'Policy', noun: 'policy', prefix: 'ANPA' },
};
const EXISTS = {
  roles: (name: string) => `Role with name ${name} already exists.`,
  users: (name: string) => `User with name ${name} already exists.`,
  profiles: (name: string) => `Instance Profile ${name} already exists.`,
  policies: (name: string) => `A policy called ${name} already exists. Duplicate names are not allowed.`,
};
const MISSING = {
  roles: (name: string) => `The role with name ${name} cannot be found.`,
  users: (name: string) => `The user with name ${name} cannot be found.`,
  profiles: (name: string) => `Instance Profile ${name} cannot be found.`,
  policies: (arn: string) => `Policy ${arn} was not found.`,
};

export const noSuchEntity = (message: string) => new AwsError('NoSuchEntity', message, 404);
/** AWS has more managed policies than there are here: that one of those is missing is no answer of AWS's. */
export const noSuchPolicy = (arn: string, message: string) =>
  /^arn:[\w-]+:iam::aws:policy\//.test(arn)
    ? new AwsError('ValidationError', `The embedded AWS does not have the managed policy ${arn}: see docs/local-aws.md`)
    : noSuchEntity(message);
export const limitExceeded = (message: string) => new AwsError('LimitExceeded', message, 409);
export const deleteConflict = (reason: string) =>
  new AwsError('DeleteConflict', `Cannot delete entity, ${reason}.`, 409);

/** IAM's dates have whole seconds. */
export const now = ({ world }: Store) => new Date(Math.floor(world.clock.now() / 1000) * 1000);

/** Whitespace is not counted (aws-facts-2 15.5). */
export function checkSize(texts: string[], limit: number, message: string): void {
  if (texts.join('').replace(/\s/g, '').length > limit) throw limitExceeded(message);
}

export const arnOf = ({ account, partition }: Store['world'], table: Table, pathAndName: string) =>
  `arn:${partition}:iam::${account}:${KINDS[table].noun}${pathAndName}`;

/** The account's own, not one of AWS's. */
export const isOwn = ({ world }: Store, { arn }: Entity) => arn.startsWith(arnOf(world, 'policies', '/'));
export const ownPolicies = (store: Store) => [...store.newest.policies.values()].filter((one) => isOwn(store, one));

export function namedRole({ roles }: State, name: string): Role {
  const role = roles.get(name.toLowerCase());
  if (!role) throw noSuchEntity(MISSING.roles(name));
  return role;
}

export function namedUser({ users }: State, name: string): Identity {
  const user = users.get(name.toLowerCase());
  if (!user) throw noSuchEntity(MISSING.users(name));
  return user;
}

/** Where the model leaves the user's name out, the caller is meant. */
function ownName({ principal }: Call<object>): string {
  if (principal.kind === 'user') return principal.name!;
  throw new AwsError('ValidationError', 'Must specify userName when calling with non-User credentials');
}

/** Tags as condition keys: aws:ResourceTag for all, iam:ResourceTag for identities (aws-facts-2 14.3). */
export function resourceTagKeys(table: Table, { tags }: Entity): ConditionContext {
  const all = Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]);
  const own = Object.entries(tags).map(([key, value]) => [`iam:ResourceTag/${key}`, value]);
  return Object.fromEntries(table === 'roles' || table === 'users' ? [...all, ...own] : all);
}

/** The actions that see the boundary of the role or user (aws-facts-2 14.3). */
const WITH_BOUNDARY =
  /^iam:(Put|Delete|Attach|Detach)(Role|User)(Policy)?$|^iam:(GetRole|UpdateRole|UpdateAssumeRolePolicy|DeleteRolePermissionsBoundary)$/;

/** Authorizes an action on the resource that `name` (of a policy: its ARN) should be, then finds it. */
export function existing<T extends Table>(
  store: Store,
  call: Call<object>,
  table: T,
  action: string,
  keys: ConditionContext = {},
): Of<T> {
  const input = call.input as Record<string, string | undefined>;
  const name = input[table === 'policies' ? 'PolicyArn' : `${KINDS[table].word}Name`] ?? ownName(call);
  const entity = store.newest[table].get(table === 'policies' ? name : name.toLowerCase());
  const arn = entity?.arn ?? (table === 'policies' ? name : arnOf(store.world, table, `/${name}`));
  const boundary = WITH_BOUNDARY.test(action) ? (entity as Identity | undefined)?.boundary : undefined;
  const own = { 'iam:PermissionsBoundary': boundary, ...(entity && resourceTagKeys(table, entity)) };
  call.authorize(action, arn, { ...own, ...keys });
  if (!entity) throw noSuchPolicy(name, MISSING[table](name));
  return entity as Of<T>;
}

interface Wanted {
  name: string;
  path?: string;
  tags?: Tag[];
  /** Condition keys beyond those of the tags. */
  keys?: ConditionContext;
}

/** Authorizes and makes what every new entity has; refused when the name is taken, or when there are too many. */
export function create(
  store: Store,
  call: Call<object>,
  table: Table,
  { name, path = '/', tags, keys }: Wanted,
): Entity {
  const { word, prefix } = KINDS[table];
  const arn = arnOf(store.world, table, path + name);
  call.authorize(`iam:Create${word}`, arn, { ...keys, ...requestTags(tags) });
  if (tags?.length) call.authorize(`iam:Tag${word}`, arn, requestTags(tags));
  const others: Entity[] = table === 'policies' ? ownPolicies(store) : [...store.newest[table].values()];
  if (others.some((other) => other.name.toLowerCase() === name.toLowerCase())) {
    throw new AwsError('EntityAlreadyExists', EXISTS[table](name), 409);
  }
  const plural = table === 'policies' ? 'Policies' : (`${word}s` as 'Roles');
  const limit = QUOTAS[`${plural}Quota`];
  if (others.length >= limit) throw limitExceeded(`Cannot exceed quota for ${plural}PerAccount: ${limit}`);
  const key = table === 'policies' ? arn : name.toLowerCase();
  const created = now(store);
  return { key, name, path, id: store.world.ids.unique(prefix), arn, created, tags: withTags({}, tags) };
}
