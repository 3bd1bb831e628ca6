import {
  type Call,
  type ConditionContext,
  HARDWARE,
  type Instance,
  LAG,
  type ProfileView,
  type World,
  zoneOf,
} from '../world';
import type { Associations } from './associations';
import type { Fleet } from './fleet';
import { instanceArn } from './instances';

interface More {
  /** What Associate and Replace attach. */
  newProfile?: ProfileView;
  /** Keys of the request itself. */
  keys?: ConditionContext;
}

/** What an instance is, as DescribeInstances shows it; of the rest what AWS has by default. */
function keysOf(world: World, { httpTokens }: Instance): ConditionContext {
  return {
    'ec2:AvailabilityZone': zoneOf(world),
    'ec2:EbsOptimized': 'false',
    'ec2:InstanceAutoRecovery': 'default',
    'ec2:InstanceMarketType': 'on-demand',
    'ec2:InstanceMetadataTags': 'disabled',
    'ec2:InstanceType': HARDWARE.InstanceType,
    'ec2:MetadataHttpEndpoint': 'enabled',
    'ec2:MetadataHttpTokens': httpTokens,
    'ec2:RootDeviceType': 'ebs',
    'ec2:Tenancy': 'default',
  };
}

/** Right after a Replace this is the new profile, although DescribeInstances still shows the old one. */
function profileKey({ assumptions, clock }: World, associations: Associations, instance: Instance): string | undefined {
  if (assumptions.instanceProfileKeyIsCurrent) return associations.of(instance)?.profile.arn;
  const before = associations.attachment(instance, clock.now() - LAG);
  return 'profileArn' in before ? before.profileArn : undefined;
}

/** Authorizes an action on one instance, with the keys of aws-facts-2 14.1; and the passing of a new profile's role. */
export function authorizeOnInstance(
  call: Call<unknown>,
  { instances, associations }: Fleet,
  action: string,
  id: string,
  { newProfile, keys }: More = {},
): void {
  const { region } = call.world;
  const instance = instances.get(id);
  const tags = Object.entries(instance?.tags ?? {});
  call.authorize(`ec2:${action}`, instanceArn(call.world, id), {
    ...Object.fromEntries(tags.map(([key, value]) => [`ec2:ResourceTag/${key}`, value])),
    ...Object.fromEntries(tags.map(([key, value]) => [`aws:ResourceTag/${key}`, value])),
    'ec2:Region': region,
    'ec2:InstanceID': id,
    ...(instance && keysOf(call.world, instance)),
    'ec2:InstanceProfile': instance && profileKey(call.world, associations, instance),
    'ec2:NewInstanceProfile': newProfile?.arn,
    ...keys,
  });
  if (newProfile?.role) {
    call.authorize('iam:PassRole', newProfile.role.arn, {
      'iam:PassedToService': 'ec2.amazonaws.com',
      // Natively a condition with the instance's exact ARN denies and only a wildcard on the id allows (aws-facts 1.5,
      // aws-facts-2 0c). A literal `*` as the value gives exactly that: only a pattern's `*` matches it.
      'iam:AssociatedResourceArn': instanceArn(call.world, '*'),
    });
  }
}

/** Actions without resource types: `*`, and the region as the only key of EC2's own. */
export function authorizeDescribe(call: Call<unknown>, action: string): void {
  call.authorize(`ec2:${action}`, '*', { 'ec2:Region': call.world.region });
}
