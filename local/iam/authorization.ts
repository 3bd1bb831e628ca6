import type { ConditionContext, Decision, Principal } from '../world';
import { evaluate } from './evaluate';
import { resourceTagKeys } from './kinds';
import type { Context } from './patterns';
import type { Identity, State, Store } from './store';

/** AROA… of a session, AIDA… of a user. */
export const uniqueId = ({ userId }: Principal) => userId.split(':')[0]!;

/** The role or user behind a principal; one that was re-created under the same name is another (aws-facts-2 10.4). */
function identityOf(state: State, principal: Principal): Identity | undefined {
  const table = principal.kind === 'user' ? state.users : state.roles;
  const identity = table.get(principal.name?.toLowerCase() ?? '');
  return identity?.id === uniqueId(principal) ? identity : undefined;
}

/** The account in the resource's ARN; `*` and buckets are the account's own. */
function ownerOf(resource: string, account: string): string {
  const [, , service, , owner] = resource.split(':');
  // Unconfirmed: the owner of AWS's documents, whose ARNs have no account; here the one in its managed policies' ARNs.
  return owner || (service === 'ssm' ? 'aws' : account);
}

interface Asked {
  action: string;
  resource: string;
}

type Value = string | string[] | undefined;

const byLowerCase = <T>(entries: Record<string, T>) =>
  new Map(Object.entries(entries).map(([key, value]) => [key.toLowerCase(), value]));

/** The keys that every request has, whoever makes it. Those of networks and organizations are not offered. */
const COMMON = byLowerCase<(store: Store, asked: Asked) => string>({
  'aws:CurrentTime': ({ world }) => new Date(world.clock.now()).toISOString(),
  'aws:EpochTime': ({ world }) => String(Math.floor(world.clock.now() / 1000)),
  // The loopback socket stands for the TLS connection that the same client would open to AWS.
  'aws:SecureTransport': () => 'true',
  'aws:ViaAWSService': () => 'false',
  // IAM is one for the world and lives in us-east-1 (aws-facts 2.1).
  'aws:RequestedRegion': ({ world }, { action }) => (action.startsWith('iam:') ? 'us-east-1' : world.region),
  'aws:ResourceAccount': ({ world }, { resource }) => ownerOf(resource, world.account),
});

const TYPES = { root: 'Account', user: 'User', 'assumed-role': 'AssumedRole' };
/** What a request has of the principal that makes it. */
const OF_PRINCIPAL = byLowerCase<(principal: Principal, store: Store, identity?: Identity) => Value>({
  'aws:PrincipalArn': ({ arn }, _, identity) => identity?.arn ?? arn,
  'aws:PrincipalAccount': (_, { world }) => world.account,
  'aws:PrincipalIsAWSService': () => 'false',
  'aws:PrincipalType': ({ kind }) => TYPES[kind],
  'aws:userid': ({ userId }) => userId,
  'aws:username': ({ kind, name }) => (kind === 'user' ? name : undefined),
  'aws:TokenIssueTime': ({ kind, issuedAt }) =>
    kind === 'assumed-role' ? new Date(issuedAt).toISOString() : undefined,
  // Temporary credentials have it, long-term ones do not; nobody here has a device.
  'aws:MultiFactorAuthPresent': ({ kind }) => (kind === 'assumed-role' ? 'false' : undefined),
  'ec2:SourceInstanceARN': ({ sourceInstanceArn }) => sourceInstanceArn,
  'ec2:RoleDelivery': ({ roleDelivery }) => roleDelivery,
  'aws:SourceIp': () => '127.0.0.1',
});

const named = (keys: ConditionContext, wanted: string): Value =>
  Object.entries(keys).findLast(([key]) => key.toLowerCase() === wanted)?.[1];

/** Of a service that assumes a role, with the keys that it says itself. Unconfirmed: which others AWS has then. */
export function serviceContext(store: Store, service: string, asked: Asked, call: ConditionContext = {}): Context {
  const own = { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': service };
  return { get: (key) => named({ ...call, ...own }, key) ?? COMMON.get(key)?.(store, asked) };
}

/** Of a request of a principal, with the keys of the call. Every call is authorized and few policies ask for a key. */
export function requestContext(store: Store, principal: Principal, asked: Asked, call: ConditionContext = {}): Context {
  const identity = identityOf(store.propagated, principal);
  const tags = Object.entries(identity?.tags ?? {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]);
  const keys = { ...Object.fromEntries(tags), ...call };
  return {
    get: (key) =>
      named(keys, key) ?? OF_PRINCIPAL.get(key)?.(principal, store, identity) ?? COMMON.get(key)?.(store, asked),
  };
}

/** The actions whose resource is a role that the account has, and may have tags. */
const ON_ROLES = ['iam:PassRole', 'sts:AssumeRole'];

/** Identity policies, boundary and conditions as authorization sees them now. */
export function authorize(
  store: Store,
  principal: Principal,
  action: string,
  resource: string,
  call?: ConditionContext,
): Decision {
  if (principal.kind === 'root') return { allowed: true };
  const state = store.propagated;
  const identity = identityOf(state, principal);
  // A policy that an identity names is there: DeletePolicy sees to it.
  const managed = (arn: string) => ({ arn, ...state.policies.get(arn)!.document });
  const documents = [...Object.values(identity?.inline ?? {}), ...(identity?.attached ?? []).map(managed)];
  const boundary = identity?.boundary === undefined ? undefined : managed(identity.boundary);
  const role = ON_ROLES.includes(action) && [...state.roles.values()].find(({ arn }) => arn === resource);
  const tags = role ? resourceTagKeys('roles', role) : {};
  const context = requestContext(store, principal, { action, resource }, { ...tags, ...call });
  const because = evaluate(documents, boundary, { action, resource, context });
  return because === undefined ? { allowed: true } : { allowed: false, because };
}
