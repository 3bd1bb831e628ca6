import type { Instance as Ec2Instance, PlatformValues, Reservation } from '@aws-sdk/client-ec2';
import { HARDWARE, type Instance, type World, zoneOf } from '../world';
import type { Profile } from './associations';
import type { End } from './instances';
import { toState } from './stateChanges';

/** What no instance here has a say in. */
const INVENTED = {
  ...HARDWARE,
  Monitoring: { State: 'disabled' },
  PublicDnsName: '',
} as const;

/** A clock of whole seconds, as in `2026-11-22 07:00:00 GMT`. */
const toGmt = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace(/\..*/, ' GMT');

function reasonsOf(end?: End): Pick<Ec2Instance, 'StateReason' | 'StateTransitionReason'> {
  if (end === undefined) return { StateTransitionReason: '' };
  const [Code, what] = end.hibernates
    ? ['Client.UserInitiatedHibernate', 'hibernate']
    : ['Client.UserInitiatedShutdown', 'shutdown'];
  return {
    StateReason: { Code, Message: `${Code}: User initiated ${what}` },
    StateTransitionReason: `User initiated (${toGmt(end.at)})`,
  };
}

function addressOf({ region }: World, { state, privateIp }: Instance) {
  if (state === 'terminated') return { PrivateDnsName: '' };
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return { PrivateIpAddress: privateIp, PrivateDnsName: `ip-${privateIp.replaceAll('.', '-')}.${domain}` };
}

/**
 * What DescribeInstances shows: every instance stands alone in its reservation.
 * @param end how it has gone down, or goes down
 */
export function toReservation(world: World, instance: Instance, end?: End, profile?: Profile): Reservation {
  const windows = instance.platform === 'Windows';
  const shown: Ec2Instance = {
    ...INVENTED,
    ...addressOf(world, instance),
    ...reasonsOf(end),
    SecurityGroups: [],
    InstanceId: instance.id,
    State: toState(instance.state),
    LaunchTime: new Date(Math.floor(instance.launchedAt / 1000) * 1000),
    Placement: { AvailabilityZone: zoneOf(world), Tenancy: 'default' },
    // AWS answers in lower case, whatever the SDK's enum says.
    Platform: windows ? ('windows' as PlatformValues) : undefined,
    PlatformDetails: windows ? 'Windows' : 'Linux/UNIX',
    IamInstanceProfile: profile && { Arn: profile.arn, Id: profile.id },
    MetadataOptions: { State: 'applied', HttpTokens: instance.httpTokens, HttpEndpoint: 'enabled' },
    Tags: Object.entries(instance.tags).map(([Key, Value]) => ({ Key, Value })),
  };
  return { ReservationId: instance.id.replace('i-', 'r-'), OwnerId: world.account, Instances: [shown] };
}
