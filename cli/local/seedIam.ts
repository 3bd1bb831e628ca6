import type { CreateAccessKeyResponse, ListPoliciesResponse } from '@aws-sdk/client-iam';
import { nearest } from '../../state-machine/nearest';
import { refused } from '../failure';
import type { Seeding } from './seed';
import type { PolicySource, TrustSource, WorldDescription } from './worldSchema';
import type { Path } from './yaml';

/** A user's long-lived key. */
export interface AccessKey {
  user: string;
  id: string;
  secret: string;
}

type Identity = Pick<WorldDescription['users'][string], 'path' | 'managedPolicies' | 'policies' | 'boundary' | 'tags'>;

/** Policies before whom they are attached to, users before the roles that trust them: IAM wants to know what is named. */
export async function seedIam(seeding: Seeding): Promise<AccessKey[]> {
  const { policies, users, roles, profiles } = seeding.file.world;
  const keys: AccessKey[] = [];
  for (const [name, policy] of Object.entries(policies)) await makePolicy(seeding, name, policy);
  for (const [name, user] of Object.entries(users)) keys.push(...(await makeUser(seeding, name, user)));
  for (const [name, role] of Object.entries(roles)) await makeRole(seeding, name, role);
  for (const [name, profile] of Object.entries(profiles)) await makeProfile(seeding, ['profiles', name], name, profile);
  return keys;
}

async function makePolicy(
  { make }: Seeding,
  name: string,
  { path, description, document }: WorldDescription['policies'][string],
): Promise<void> {
  const input = { PolicyName: name, Path: path, Description: description, PolicyDocument: documentOf(document) };
  await make(['policies', name], 'iam', 'CreatePolicy', input);
}

async function makeUser(seeding: Seeding, name: string, user: WorldDescription['users'][string]): Promise<AccessKey[]> {
  const { make } = seeding;
  await make(['users', name], 'iam', 'CreateUser', {
    UserName: name,
    ...(await common(seeding, ['users', name], user)),
  });
  await givePolicies(seeding, 'User', name, user);
  const keys: AccessKey[] = [];
  for (const [i, key] of user.accessKeys.entries()) {
    keys.push({ user: name, ...(await makeKey(seeding, ['users', name, 'accessKeys', i], name, key)) });
  }
  return keys;
}

async function makeKey(
  { world, file, make }: Seeding,
  entry: Path,
  UserName: string,
  key: WorldDescription['users'][string]['accessKeys'][number],
): Promise<Omit<AccessKey, 'user'>> {
  if (key === 'generated') {
    const { AccessKey } = await make<CreateAccessKeyResponse>(entry, 'iam', 'CreateAccessKey', { UserName });
    return { id: AccessKey?.AccessKeyId as string, secret: AccessKey?.SecretAccessKey as string };
  }
  try {
    world.iam.putAccessKey({ userName: UserName, accessKeyId: key.id, secretAccessKey: key.secret });
  } catch (error) {
    throw refused(`${file.where(entry)}: ${(error as Error).message}`);
  }
  return key;
}

async function makeRole(seeding: Seeding, name: string, role: WorldDescription['roles'][string]): Promise<void> {
  await seeding.make(['roles', name], 'iam', 'CreateRole', {
    RoleName: name,
    AssumeRolePolicyDocument: trustOf(role.trust),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
    ...(await common(seeding, ['roles', name], role)),
  });
  await givePolicies(seeding, 'Role', name, role);
  if (role.profile) await makeProfile(seeding, ['roles', name, 'profile'], name, { path: role.path, role: name });
}

async function makeProfile(
  { make }: Seeding,
  entry: string[],
  name: string,
  { path, role, tags = {} }: Partial<WorldDescription['profiles'][string]>,
): Promise<void> {
  const profile = { InstanceProfileName: name };
  await make(entry, 'iam', 'CreateInstanceProfile', { ...profile, Path: path, Tags: tagList(tags) });
  if (role !== undefined) await make(entry, 'iam', 'AddRoleToInstanceProfile', { ...profile, RoleName: role });
}

async function givePolicies(seeding: Seeding, kind: 'User' | 'Role', name: string, identity: Identity): Promise<void> {
  const entry = [kind === 'User' ? 'users' : 'roles', name];
  const who = { [`${kind}Name`]: name };
  for (const [i, policy] of identity.managedPolicies.entries()) {
    const at = [...entry, 'managedPolicies', i];
    const PolicyArn = await policyArn(seeding, at, policy);
    await seeding.make(at, 'iam', `Attach${kind}Policy`, { ...who, PolicyArn });
  }
  for (const [PolicyName, policy] of Object.entries(identity.policies)) {
    const input = { ...who, PolicyName, PolicyDocument: documentOf(policy) };
    await seeding.make([...entry, 'policies', PolicyName], 'iam', `Put${kind}Policy`, input);
  }
}

const common = async (seeding: Seeding, entry: Path, { path, boundary, tags }: Identity) => ({
  Path: path,
  Tags: tagList(tags),
  PermissionsBoundary: boundary && (await policyArn(seeding, [...entry, 'boundary'], boundary)),
});

const tagList = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** An ARN as it is; a name of the file's own policies; else the name of one of AWS's, with or without its path. */
async function policyArn({ world, file }: Seeding, entry: Path, nameOrArn: string): Promise<string> {
  if (nameOrArn.startsWith('arn:')) return nameOrArn;
  const own = Object.hasOwn(file.world.policies, nameOrArn) && file.world.policies[nameOrArn];
  if (own) return `arn:${world.partition}:iam::${world.account}:policy${own.path ?? '/'}${nameOrArn}`;
  const listing = { Scope: 'AWS', MaxItems: 1000 };
  const { Policies = [] }: ListPoliciesResponse = await world.asRoot('iam', 'ListPolicies', listing);
  const found = Policies.find(({ PolicyName, Path = '' }) =>
    [PolicyName, Path.slice(1) + PolicyName].includes(nameOrArn),
  );
  if (found) return found.Arn as string;
  const known = [...Object.keys(file.world.policies), ...Policies.map(({ PolicyName = '' }) => PolicyName)];
  const meant = nearest(nameOrArn, known);
  const hint = meant ? `did you mean '${meant}'?` : 'write it under policies';
  throw refused(`${file.where(entry)}: neither this file nor the embedded AWS has a policy '${nameOrArn}'; ${hint}`);
}

const asDocument = (statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

const documentOf = (source: PolicySource): string =>
  Array.isArray(source) ? asDocument(source) : JSON.stringify(source);

function trustOf(source: TrustSource): string {
  if (typeof source !== 'string' && !Array.isArray(source)) return JSON.stringify(source);
  const principals = [source].flat();
  const Service = principals.filter((principal) => /\.amazonaws\.com(\.cn)?$/.test(principal));
  const AWS = principals.filter((principal) => !Service.includes(principal));
  const Principal = { ...(Service.length > 0 && { Service }), ...(AWS.length > 0 && { AWS }) };
  return asDocument([{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }]);
}
