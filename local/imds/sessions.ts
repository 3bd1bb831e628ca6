import type { Credentials, World } from '../world';

/** What one version of an instance's metadata service holds for the profile that it serves. */
export interface Session {
  profileArn: string;
  profileId: string;
  /** When the profile was attached: another attachment, even of the same profile, is another session. */
  since: number;
  /** Epoch ms of the last attempt to assume the profile's role, and of the next. */
  lastUpdated: number;
  renewAt: number;
  failures: number;
  /** The role, as it was in the profile at that attempt: a role changed inside a profile is seen late (aws-facts 3.2). */
  roleName?: string;
  /** None: EC2 cannot assume the role. */
  credentials?: Credentials;
}

export type Version = 'v1' | 'v2';

/** New credentials appear at least five minutes before the old ones expire (aws-facts 3.1). */
const RENEWAL_MARGIN = 5 * 60_000;
/** Attempts at about +3, +9, +20, +41 s (aws-facts 3.2). Unconfirmed: the longest wait, and that no role waits alike. */
const FIRST_RETRY = 3_000;
const LONGEST_RETRY = 60_000;

/**
 * The sessions of all instances, brought up to date when somebody asks. Unconfirmed: a profile that is gone is
 * 404 like an empty one; AWS's iam/info is said to answer with Code InstanceProfileNotFound (aws-facts 3.1).
 */
export class Sessions {
  private readonly held = new Map<string, Session>();

  constructor(private readonly world: World) {}

  /** The session that is served now; none: no profile, or no running instance. */
  serve(instanceId: string, version: Version): Session | undefined {
    const { ec2, clock, delays } = this.world;
    const now = clock.now();
    const attachment = ec2.attachment(instanceId, now - delays.imdsRefresh);
    if (ec2.instance(instanceId)?.state !== 'running' || !attachment || !('profileArn' in attachment)) return undefined;
    const key = `${instanceId} ${version}`;
    const held = this.held.get(key);
    const same = held?.since === attachment.since && held.profileId === attachment.profileId;
    const current = same ? held : undefined;
    if (current && now < current.renewAt) return current;
    const session = this.assume(instanceId, version, { ...attachment, failures: current?.failures ?? 0 });
    this.held.set(key, session);
    return session;
  }

  private assume(
    instanceId: string,
    version: Version,
    known: Pick<Session, 'profileArn' | 'profileId' | 'since' | 'failures'>,
  ): Session {
    const { iam, clock, delays, ec2 } = this.world;
    const now = clock.now();
    const profile = iam.profileSeenByEc2(known.profileArn);
    const roleName = profile?.id === known.profileId ? profile.role?.name : undefined;
    if (!roleName || !iam.trusts(roleName, { service: 'ec2.amazonaws.com' })) {
      const wait = Math.min(FIRST_RETRY * 2 ** known.failures, LONGEST_RETRY);
      return { ...known, roleName, lastUpdated: now, renewAt: now + wait, failures: known.failures + 1 };
    }
    const credentials = iam.issueSession({
      roleName,
      sessionName: instanceId,
      lifetime: delays.instanceCredentials,
      sourceInstanceArn: ec2.instance(instanceId)?.arn,
      roleDelivery: version === 'v2' ? '2.0' : '1.0',
    });
    const renewAt = credentials.expiration - RENEWAL_MARGIN;
    return { ...known, roleName, credentials, lastUpdated: now, renewAt, failures: 0 };
  }
}
