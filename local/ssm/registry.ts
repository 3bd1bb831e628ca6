import type { World } from '../world';

/** The agent caches its own credentials for 30 min: aws-facts 3.4. */
const AGENT_CREDENTIALS = 30 * 60_000;
/** Health pings come every 5 min: aws-facts 4.3. */
const HEALTH_PING = 5 * 60_000;
/** Either channel is enough: aws-facts 3.4. */
const CHANNELS = [
  ['ssmmessages:CreateControlChannel', 'ssmmessages:OpenControlChannel'],
  ['ec2messages:GetMessages', 'ec2messages:AcknowledgeMessage', 'ec2messages:SendReply'],
];

/** Which instances SSM knows, and since when it has not heard from them. */
export interface Registry {
  /** Did the agent ever register, and does the instance run? Then SendCommand takes it. */
  managed(instanceId: string): boolean;
  /** Does a message reach the agent now? */
  connected(instanceId: string): boolean;
  /** `lastPing`: epoch ms. */
  ping(instanceId: string): { status: 'Online' | 'ConnectionLost'; lastPing: number };
}

export function createRegistry(world: World): Registry {
  const rights = new Map<string, { last: number; lost: boolean }>();
  const lastPing = new Map<string, number>();

  const running = (id: string) => world.ec2.instance(id)?.state === 'running';

  const hasRights = (id: string) => {
    const served = world.imds.credentials(id);
    const principal = served && world.iam.accessKey(served.credentials.accessKeyId)?.principal;
    if (!principal) return false;
    const arn = world.ec2.instance(id)?.arn ?? '*';
    const allowed = (action: string, resource = '*') => world.iam.evaluate(principal, action, resource).allowed;
    const channel = CHANNELS.some((actions) => actions.every((action) => allowed(action)));
    return channel && allowed('ssm:UpdateInstanceInformation', arn);
  };

  /**
   * Nothing watches in the background: the registry learns by being asked. When rights were lost between two looks, the
   * agent had them last at the first look, or when the profile was exchanged after it. A ping is only as young as a look.
   */
  const connected = (id: string) => {
    if (!running(id) || !world.ec2.instance(id)?.agent.running) return false;
    const now = world.clock.now();
    const seen = rights.get(id);
    if (hasRights(id)) {
      rights.set(id, { last: now, lost: false });
    } else {
      if (!seen) return false;
      const last = seen.lost ? seen.last : Math.max(seen.last, world.ec2.attachment(id)?.since ?? 0);
      rights.set(id, { last, lost: true });
      if (now - last >= AGENT_CREDENTIALS) return false;
    }
    lastPing.set(id, now);
    return true;
  };

  return {
    connected,
    managed: (id) => connected(id) || (running(id) && lastPing.has(id)),
    ping: (id) => {
      connected(id);
      const last = lastPing.get(id) ?? 0;
      return { status: world.clock.now() - last < HEALTH_PING ? 'Online' : 'ConnectionLost', lastPing: last };
    },
  };
}
