import {
  DescribeInstanceStatus$,
  type DescribeInstanceStatusRequest,
  type DescribeInstanceStatusResult,
  type InstanceStatusSummary,
} from '@aws-sdk/client-ec2';
import { operation, zoneOf } from '../../world';
import { authorizeDescribe } from '../authorization';
import type { Fleet } from '../fleet';
import { checkMaxResults, page, refuseIdsWithMaxResults, unreadableToken } from '../lists';
import { checkInstanceIds, endDryRun, refuseOtherParameters } from '../parameters';
import { toState } from '../stateChanges';

const SUPPORT =
  'partial: what runs is ok at once, never initializing or impaired; no filters, events, EBS status or IncludeManagedResources';

const OK: InstanceStatusSummary = { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] };
const NOT_APPLICABLE: InstanceStatusSummary = { Status: 'not-applicable' };

export const describeInstanceStatus = ({ instances }: Fleet) =>
  operation<DescribeInstanceStatusRequest, DescribeInstanceStatusResult>(
    'ec2',
    DescribeInstanceStatus$,
    SUPPORT,
    (call) => {
      const { input, world } = call;
      refuseOtherParameters(input, 'InstanceIds', 'IncludeAllInstances', 'MaxResults', 'NextToken', 'DryRun');
      const { InstanceIds: ids = [], IncludeAllInstances: all = false, MaxResults, NextToken } = input;
      refuseIdsWithMaxResults(ids, MaxResults);
      checkMaxResults(MaxResults);
      checkInstanceIds(ids);
      authorizeDescribe(call, 'DescribeInstanceStatus');
      endDryRun(input);
      const asked = ids.length > 0 ? instances.allExisting([...new Set(ids)]) : instances.list();
      const shown = asked.filter(({ state }) => all || state === 'running');
      const { items, nextToken } = page(shown, MaxResults, NextToken, unreadableToken);
      const statuses = items.map(({ id, state }) => {
        const status = state === 'running' ? OK : NOT_APPLICABLE;
        return {
          AvailabilityZone: zoneOf(world),
          InstanceId: id,
          InstanceState: toState(state),
          InstanceStatus: status,
          SystemStatus: status,
        };
      });
      return { InstanceStatuses: statuses, NextToken: nextToken };
    },
  );
