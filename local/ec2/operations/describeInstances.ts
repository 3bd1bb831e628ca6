import {
  DescribeInstances$,
  type DescribeInstancesRequest,
  type DescribeInstancesResult,
  type Filter,
  type PlatformValues,
  type Reservation,
} from '@aws-sdk/client-ec2';
import { AwsError, type Instance, operation } from '../../world';
import type { Profile } from '../associations';
import { authorizeDescribe } from '../authorization';
import type { Fleet } from '../fleet';
import { completeFilter } from '../lists';
import { checkInstanceIds, endDryRun, refuseOtherParameters } from '../parameters';
import { toState } from '../stateChanges';

/** What a filter compares: nothing where the instance has no such tag. */
function toReader(filterName: string): (instance: Instance) => string | undefined {
  if (filterName.startsWith('tag:')) return ({ tags }) => tags[filterName.slice('tag:'.length)];
  if (filterName === 'instance-id') return ({ id }) => id;
  if (filterName === 'instance-state-name') return ({ state }) => state;
  throw new AwsError('UnsupportedOperation', `The embedded AWS does not support the filter '${filterName}' here.`);
}

/** `*` and `?` are wildcards, and case counts. */
function toPattern(value: string): RegExp {
  const escaped = value.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

function toPredicate(filter: Filter): (instance: Instance) => boolean {
  const { name, values } = completeFilter(filter);
  const read = toReader(name);
  const patterns = values.map(toPattern);
  return (instance) => {
    const value = read(instance);
    return value !== undefined && patterns.some((pattern) => pattern.test(value));
  };
}

function toReservation(account: string, instance: Instance, profile: Profile | undefined): Reservation {
  const windows = instance.platform === 'Windows';
  return {
    ReservationId: instance.id.replace('i-', 'r-'),
    OwnerId: account,
    Instances: [
      {
        InstanceId: instance.id,
        State: toState(instance.state),
        PrivateIpAddress: instance.privateIp,
        // AWS answers in lower case, whatever the SDK's enum says.
        Platform: windows ? ('windows' as PlatformValues) : undefined,
        PlatformDetails: windows ? 'Windows' : 'Linux/UNIX',
        IamInstanceProfile: profile && { Arn: profile.arn, Id: profile.id },
        MetadataOptions: { State: 'applied', HttpTokens: instance.httpTokens, HttpEndpoint: 'enabled' },
        Tags: Object.entries(instance.tags).map(([Key, Value]) => ({ Key, Value })),
      },
    ],
  };
}

export const describeInstances = ({ instances, associations }: Fleet) =>
  operation<DescribeInstancesRequest, DescribeInstancesResult>(
    'ec2',
    DescribeInstances$,
    'partial: no paging; filters instance-id, instance-state-name, tag:KEY; id, state, profile, platform, address, metadata options, tags',
    (call) => {
      const { input } = call;
      refuseOtherParameters(input, 'InstanceIds', 'Filters', 'DryRun');
      const ids = input.InstanceIds ?? [];
      checkInstanceIds(ids);
      const predicates = (input.Filters ?? []).map(toPredicate);
      authorizeDescribe(call, 'DescribeInstances');
      endDryRun(input);
      const found = (ids.length > 0 ? ids.map((id) => instances.existing(id)) : instances.list()).filter((instance) =>
        predicates.every((matches) => matches(instance)),
      );
      const { account } = call.world;
      return { Reservations: found.map((item) => toReservation(account, item, associations.shownOn(item))) };
    },
  );
