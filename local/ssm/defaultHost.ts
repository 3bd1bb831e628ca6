import type { Credentials, Instance, Principal, World } from '../world';
import type { Settings } from './settings';

/** aws-facts-2 17.3. */
const FIRST_AGENT = [3, 2, 582, 0];
/** Lifetime of the credentials that SSM gives to the agent. Unconfirmed. */
const LIFETIME = 3_600_000;

/** Default Host Management, as far as one instance is concerned. */
export interface DefaultHost {
  /** What the agent would get from it now; undefined: nothing that it can work with. */
  credentials(instance: Instance): Credentials | undefined;
}

/** @param suffices whether an agent on that instance can do its work with these rights */
export function createDefaultHost(
  world: World,
  settings: Settings,
  suffices: (principal: Principal, instance: Instance) => boolean,
): DefaultHost {
  const sessions = new Map<string, { hostRole: string; credentials: Credentials }>();

  /** The session that the agent holds, or a new one. */
  const sessionOf = (instance: Instance, hostRole: string): Credentials => {
    const held = sessions.get(instance.id);
    const isAlive = held?.hostRole === hostRole && world.iam.accessKey(held.credentials.accessKeyId) !== undefined;
    if (isAlive && world.clock.now() < held.credentials.expiration - LIFETIME / 2) return held.credentials;
    const roleName = hostRole.slice(hostRole.lastIndexOf('/') + 1);
    const credentials = world.iam.issueSession({ roleName, sessionName: instance.id, lifetime: LIFETIME });
    sessions.set(instance.id, { hostRole, credentials });
    return credentials;
  };

  return {
    credentials: (instance) => {
      const { hostRole } = settings;
      // Unconfirmed: 'IMDSv2 only' (aws-facts 3.4) is read as tokens being required.
      if (!hostRole || instance.httpTokens !== 'required' || isOlder(instance.agent.version)) return undefined;
      const roleName = hostRole.slice(hostRole.lastIndexOf('/') + 1);
      if (!world.iam.trusts(roleName, { service: 'ssm.amazonaws.com' })) return undefined;
      const credentials = sessionOf(instance, hostRole);
      const principal = world.iam.accessKey(credentials.accessKeyId)?.principal;
      return principal && suffices(principal, instance) ? credentials : undefined;
    },
  };
}

function isOlder(version: string): boolean {
  const parts = version.split('.').map(Number);
  const place = FIRST_AGENT.findIndex((part, index) => part !== (parts[index] ?? 0));
  return place >= 0 && (parts[place] ?? 0) < FIRST_AGENT[place]!;
}
