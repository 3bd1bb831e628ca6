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

/** The keys that every request has, whoever makes it. Those of networks and organizations are not offered. */
function commonKeys({ world }: Store, { action, resource }: Asked): ConditionContext {
  const { clock, account, region } = world;
  return {
    'aws:CurrentTime': new Date(clock.now()).toISOString(),
    'aws:EpochTime': String(Math.floor(clock.now() / 1000)),
    // The loopback socket stands for the TLS connection that the same client would open to AWS.
    'aws:SecureTransport': 'true',
    'aws:ViaAWSService': 'false',
    // IAM is one for the world and lives in us-east-1 (aws-facts 2.1).
    'aws:RequestedRegion': action.startsWith('iam:') ? 'us-east-1' : region,
    'aws:ResourceAccount': ownerOf(resource, account),
  };
}

function contextOf(keys: ConditionContext): Context {
  const context = new Map<string, string | string[]>();
  for (const [key, value] of Object.entries(keys)) if (value !== undefined) context.set(key.toLowerCase(), value);
  return context;
}

/** Of a service that assumes a role. Unconfirmed: which keys AWS has then. */
export const serviceContext = (store: Store, service: string, asked: Asked): Context =>
  contextOf({
    ...commonKeys(store, asked),
    'aws:PrincipalIsAWSService': 'true',
    'aws:PrincipalServiceName': service,
  });

/** Of a request of a principal, with the keys of the call. */
export function requestContext(store: Store, principal: Principal, asked: Asked, call: ConditionContext = {}): Context {
  const identity = identityOf(store.propagated, principal);
  const session = principal.kind === 'assumed-role';
  const tags = Object.entries(identity?.tags ?? {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]);
  return contextOf({
    ...commonKeys(store, asked),
    'aws:PrincipalArn': identity?.arn ?? principal.arn,
    'aws:PrincipalAccount': store.world.account,
    'aws:PrincipalIsAWSService': 'false',
    'aws:PrincipalType': { root: 'Account', user: 'User', 'assumed-role': 'AssumedRole' }[principal.kind],
    'aws:userid': principal.userId,
    'aws:username': principal.kind === 'user' ? principal.name : undefined,
    'aws:TokenIssueTime': session ? new Date(principal.issuedAt).toISOString() : undefined,
    // Temporary credentials have it, long-term ones do not; nobody here has a device.
    'aws:MultiFactorAuthPresent': session ? 'false' : undefined,
    'ec2:SourceInstanceARN': principal.sourceInstanceArn,
    'ec2:RoleDelivery': principal.roleDelivery,
    'aws:SourceIp': '127.0.0.1',
    ...Object.fromEntries(tags),
    ...call,
  });
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
