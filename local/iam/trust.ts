import type { ConditionContext, Principal } from '../world';
import { requestContext, serviceContext, uniqueId } from './authorization';
import { applies } from './evaluate';
import { checkSize, QUOTAS, resourceTagKeys } from './kinds';
import { malformed, type NamedPrincipal, type PolicyDocument, trustPolicy } from './policyDocument';
import { withPrincipals } from './policyText';
import { SERVICE_PRINCIPALS } from './servicePrincipals';
import type { Store } from './store';

/** A trust policy with the unique ids of the roles and users that it names, accounts as ARNs (aws-facts-2 10.4). */
export function storableTrust(store: Store, text: string): PolicyDocument {
  const document = trustPolicy(text, (principal) => idOf(store, principal));
  const limit = QUOTAS.AssumeRolePolicySizeQuota;
  checkSize([text], limit, `Cannot exceed quota for ACLSizePerRole: ${limit}`);
  const [account, asArn] = accountNames(store);
  return { ...document, text: withPrincipals(text, (name) => (name === account ? asArn! : name)) };
}

const accountNames = ({ world }: Store) => [world.account, `arn:${world.partition}:iam::${world.account}:root`];

function idOf(store: Store, { type, value }: NamedPrincipal): string | undefined {
  if (type === 'Service') {
    if (SERVICE_PRINCIPALS.includes(value)) return undefined;
    throw malformed(`Invalid principal in policy: "SERVICE":"${value}" (those known here are in docs/local-aws.md)`);
  }
  const { account, partition } = store.world;
  const session = value.startsWith(`arn:${partition}:sts::${account}:assumed-role/`);
  if (value === '*' || session || accountNames(store).includes(value)) return undefined;
  const identities = [...store.newest.roles.values(), ...store.newest.users.values()];
  const id = identities.find(({ arn }) => arn === value)?.id;
  if (!id) throw malformed(`Invalid principal in policy: "AWS":"${value}"`);
  return id;
}

/** Does the role's trust policy let a service, or a principal of this account, assume it, and in which way? */
export function trusts(
  store: Store,
  roleName: string,
  who: { service: string } | Principal,
  call: ConditionContext = {},
): 'named' | 'account' | false {
  const role = store.propagated.roles.get(roleName.toLowerCase());
  if (!role) return false;
  const asked = { action: 'sts:AssumeRole', resource: role.arn };
  const context =
    'service' in who
      ? serviceContext(store, who.service, asked, call)
      : requestContext(store, who, asked, { ...resourceTagKeys('roles', role), ...call });
  const applying = role.trust.statements
    .filter((statement) => applies(statement, { ...asked, context }, true))
    .map(({ effect, principals }) => ({ effect, ways: principals.map((named) => meaning(store, named, who, effect)) }))
    .filter(({ ways }) => ways.some(Boolean));
  if (applying.length === 0 || applying.some(({ effect }) => effect === 'Deny')) return false;
  return applying.some(({ ways }) => ways.includes('named')) ? 'named' : 'account';
}

/**
 * How one principal of a trust policy means `who`. Unconfirmed: '*', which here lets nobody in without an own policy, and no
 * service, but keeps everybody out, services too.
 */
function meaning(
  store: Store,
  { type, value, id }: NamedPrincipal,
  who: { service: string } | Principal,
  effect: 'Allow' | 'Deny',
) {
  if ('service' in who) {
    const isMeant = type === 'Service' ? value === who.service : effect === 'Deny' && value === '*';
    return isMeant && 'named';
  }
  if (type === 'Service') return false;
  if (id ? id === uniqueId(who) : value === who.arn) return 'named';
  return (value === '*' || accountNames(store).includes(value)) && 'account';
}
