import type { Credentials, Instance, Principal, World } from '../world';
import { createDefaultHost } from './defaultHost';
import type { Settings } from './settings';

/** The agent caches its own credentials for 30 min: aws-facts 3.4. Unconfirmed of those of Default Host Management. */
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
  /** With which credentials the agent runs documents now. */
  credentials(instanceId: string): Credentials | undefined;
  /** The role of Default Host Management, if the agent works by it. */
  hostRole(instanceId: string): string | undefined;
}

/** Whence the agent has its credentials. */
interface Source {
  from: 'profile' | 'defaultHost';
  accessKeyId: string;
}

/** Whence it had them, and when it last had any that sufficed. */
interface Standing extends Source {
  last: number;
  lost: boolean;
}

export function createRegistry(world: World, settings: Settings): Registry {
  const { clock, delays } = world;
  const standings = new Map<string, Standing>();
  const lastPing = new Map<string, number>();
  /** When Default Host Management was last seen to be of no use to an instance's agent. */
  const refused = new Map<string, number>();
  const suffices = (principal: Principal, { arn }: Instance) => {
    const allowed = (action: string, resource = '*') => world.iam.evaluate(principal, action, resource).allowed;
    const channel = CHANNELS.some((actions) => actions.every((action) => allowed(action)));
    return channel && allowed('ssm:UpdateInstanceInformation', arn);
  };
  const defaultHost = createDefaultHost(world, settings, suffices);

  /** After a start it boots, and the agent registers, before SSM knows of it (aws-facts 4.3). */
  const running = (id: string) => {
    const instance = world.ec2.instance(id);
    const { state, startedAt = Number.NEGATIVE_INFINITY } = instance ?? {};
    return state === 'running' && clock.now() >= startedAt + delays.agentRegistration ? instance : undefined;
  };
  /** Epoch ms of what last may have taken the rights away; the profile's attachment, or the setting. */
  const changed = (id: string, from: Source['from']) =>
    from === 'profile' ? (world.ec2.attachment(id)?.since ?? 0) : settings.since;
  const lastRights = (id: string, { from, last, lost }: Standing) => (lost ? last : Math.max(last, changed(id, from)));

  const profile = (instance: Instance): Source | undefined => {
    const { accessKeyId } = world.imds.credentials(instance.id)?.credentials ?? {};
    const principal = accessKeyId && world.iam.accessKey(accessKeyId)?.principal;
    return principal && suffices(principal, instance) ? { from: 'profile', accessKeyId } : undefined;
  };

  /**
   * The agent tries the profile first (aws-facts-2 17.3). After a refusal, or while the profile works, it does not ask
   * Default Host Management again for up to 30 min: here for all of `defaultHostManagement`.
   */
  const sourceNow = (instance: Instance, held: Standing | undefined): Source | undefined => {
    const first = profile(instance);
    if (first) return first;
    const { id } = instance;
    const second = defaultHost.credentials(instance);
    if (!second) {
      refused.set(id, clock.now());
      return undefined;
    }
    // A profile that is of no use to the agent takes nothing from one that has lived without.
    const profileLost = held?.from === 'defaultHost' ? 0 : held ? lastRights(id, held) : changed(id, 'profile');
    const since = Math.max(settings.since, refused.get(id) ?? 0, profileLost);
    if (clock.now() < since + delays.defaultHostManagement) return undefined;
    return { from: 'defaultHost', accessKeyId: second.accessKeyId };
  };

  /**
   * Nothing watches in the background: the registry learns by being asked. When rights were lost between two looks, the
   * agent had them last at the first look, or when profile or setting were changed after it. A ping is only as young as
   * a look.
   */
  const connected = (id: string) => {
    const instance = running(id);
    if (!instance?.agent.running) return false;
    const now = clock.now();
    const held = standings.get(id);
    const source = sourceNow(instance, held);
    if (source) {
      standings.set(id, { ...source, last: now, lost: false });
    } else {
      if (!held) return false;
      const last = lastRights(id, held);
      standings.set(id, { ...held, last, lost: true });
      // Credentials of a role that was deleted are of no use, and the agent does not notice (aws-facts 3.4).
      if (now - last >= AGENT_CREDENTIALS || !world.iam.accessKey(held.accessKeyId)) return false;
    }
    lastPing.set(id, now);
    return true;
  };

  return {
    connected,
    managed: (id) => connected(id) || (running(id) !== undefined && lastPing.has(id)),
    ping: (id) => {
      connected(id);
      const last = lastPing.get(id) ?? 0;
      return { status: clock.now() - last < HEALTH_PING ? 'Online' : 'ConnectionLost', lastPing: last };
    },
    // Unconfirmed: that what serves the agent also serves its downloads and its output; a script never gets it.
    credentials: (id) => {
      const instance = running(id);
      const byHost = connected(id) && standings.get(id)?.from === 'defaultHost';
      return byHost && instance ? defaultHost.credentials(instance) : world.imds.credentials(id)?.credentials;
    },
    hostRole: (id) => (standings.get(id)?.from === 'defaultHost' ? settings.hostRole : undefined),
  };
}
