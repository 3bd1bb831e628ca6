import type { Instance, Reservation } from '@aws-sdk/client-ec2';
import { AwsError } from '../world';
import { unknownFilter } from './filters';

/** What a filter compares, of an instance as it is shown. */
const READERS: Record<string, (instance: Instance, reservation: Reservation) => string | undefined> = {
  architecture: ({ Architecture }) => Architecture,
  'availability-zone': ({ Placement }) => Placement?.AvailabilityZone,
  'iam-instance-profile.arn': ({ IamInstanceProfile }) => IamInstanceProfile?.Arn,
  'iam-instance-profile.id': ({ IamInstanceProfile }) => IamInstanceProfile?.Id,
  'image-id': ({ ImageId }) => ImageId,
  'instance-id': ({ InstanceId }) => InstanceId,
  'instance-state-code': ({ State }) => String(State?.Code),
  'instance-state-name': ({ State }) => State?.Name,
  'instance-type': ({ InstanceType }) => InstanceType,
  'launch-time': ({ LaunchTime }) => LaunchTime?.toISOString(),
  'metadata-options.http-endpoint': ({ MetadataOptions }) => MetadataOptions?.HttpEndpoint,
  'metadata-options.http-tokens': ({ MetadataOptions }) => MetadataOptions?.HttpTokens,
  'metadata-options.state': ({ MetadataOptions }) => MetadataOptions?.State,
  'monitoring-state': ({ Monitoring }) => Monitoring?.State,
  'owner-id': (_, { OwnerId }) => OwnerId,
  platform: ({ Platform }) => Platform,
  'platform-details': ({ PlatformDetails }) => PlatformDetails,
  'private-dns-name': ({ PrivateDnsName }) => PrivateDnsName,
  'private-ip-address': ({ PrivateIpAddress }) => PrivateIpAddress,
  reason: ({ StateTransitionReason }) => StateTransitionReason,
  'reservation-id': (_, { ReservationId }) => ReservationId,
  'state-reason-code': ({ StateReason }) => StateReason?.Code,
  'state-reason-message': ({ StateReason }) => StateReason?.Message,
  tenancy: ({ Placement }) => Placement?.Tenancy,
};

/** AWS's other filters: about things that no instance here has, so that neither a match nor none would be true. */
const ABOUT_OTHER_THINGS = new RegExp(
  '^(affinity|availability-zone-id|block-device-mapping\\..*|boot-mode|capacity-reservation-.*|client-token' +
    '|current-instance-boot-mode|dns-name|ebs-optimized|ena-support|enclave-options\\.enabled' +
    '|hibernation-options\\.configured|host-id|hypervisor|instance-lifecycle|instance\\.group-(id|name)|ip-address' +
    '|ipv6-address|kernel-id|key-name|launch-index|maintenance-options\\..*|metadata-options\\..*' +
    '|network-interface\\..*|network-performance-options\\..*|operator\\..*|outpost-arn|placement-(group|partition)-.*' +
    '|private-dns-name-options\\..*|product-code(\\.type)?|ramdisk-id|requester-id|root-device-(name|type)' +
    '|source-dest-check|spot-instance-request-id|subnet-id|tag-value|tpm-support|usage-operation.*' +
    '|virtualization-type|vpc-id)$',
);

/** @throws AwsError for a filter that AWS has not, or that only AWS has */
export function instanceFilter(name: string): (reservation: Reservation) => string[] {
  const tagsOf = ({ Instances: [instance] = [] }: Reservation) => instance?.Tags ?? [];
  if (name === 'tag-key') return (reservation) => tagsOf(reservation).map(({ Key }) => Key!);
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (reservation) => tagsOf(reservation).flatMap(({ Key, Value }) => (Key === key ? [Value!] : []));
  }
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (read) return (reservation) => reservation.Instances!.flatMap((instance) => read(instance, reservation) ?? []);
  if (!ABOUT_OTHER_THINGS.test(name)) throw unknownFilter(name);
  throw new AwsError('UnsupportedOperation', `The embedded AWS does not support the filter '${name}' here.`);
}
