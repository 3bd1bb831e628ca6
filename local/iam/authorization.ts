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

/** The keys that every request has, and those of the call. Keys of the instance's network are not offered. */
export function requestContext(
  store: Store,
  principal: Principal,
  action: string,
  call: ConditionContext = {},
): Context {
  const { clock, account, region } = store.world;
  const identity = identityOf(store.propagated, principal);
  const session = principal.kind === 'assumed-role';
  const tags = Object.entries(identity?.tags ?? {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]);
  const keys: ConditionContext = {
    'aws:CurrentTime': new Date(clock.now()).toISOString(),
    'aws:EpochTime': String(Math.floor(clock.now() / 1000)),
    'aws:PrincipalArn': identity?.arn ?? principal.arn,
    'aws:PrincipalAccount': account,
    'aws:PrincipalType': { root: 'Account', user: 'User', 'assumed-role': 'AssumedRole' }[principal.kind],
    'aws:userid': principal.userId,
    'aws:username': principal.kind === 'user' ? principal.name : undefined,
    'aws:TokenIssueTime': session ? new Date(principal.issuedAt).toISOString() : undefined,
    'ec2:SourceInstanceARN': principal.sourceInstanceArn,
    'aws:SourceIp': '127.0.0.1',
    // The loopback socket stands for the TLS connection that the same client would open to AWS.
    'aws:SecureTransport': 'true',
    'aws:ViaAWSService': 'false',
    // IAM is one for the world and lives in us-east-1 (aws-facts 2.1).
    'aws:RequestedRegion': action.startsWith('iam:') ? 'us-east-1' : region,
    ...Object.fromEntries(tags),
    ...call,
  };
  const present = Object.entries(keys).filter(([, value]) => value !== undefined);
  return new Map(present.map(([key, value]) => [key.toLowerCase(), value!]));
}

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
  const passed = action === 'iam:PassRole' && [...state.roles.values()].find(({ arn }) => arn === resource);
  const tags = passed ? resourceTagKeys('roles', passed) : {};
  const context = requestContext(store, principal, action, { ...tags, ...call });
  const because = evaluate(documents, boundary, { action, resource, context });
  return because === undefined ? { allowed: true } : { allowed: false, because };
}
