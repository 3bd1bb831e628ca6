import { DescribeInstances$, type DescribeInstancesRequest, type DescribeInstancesResult } from '@aws-sdk/client-ec2';
import { operation } from '../../world';
import { authorizeDescribe } from '../authorization';
import { matchesAll } from '../filters';
import type { Fleet } from '../fleet';
import { instanceFilter } from '../instanceFilters';
import { checkMaxResults, page, refuseIdsWithMaxResults, unreadableToken } from '../lists';
import { checkInstanceIds, endDryRun, refuseOtherParameters } from '../parameters';
import { toReservation } from '../view';

const SUPPORT =
  'partial: instances have no network, disk or key pair, and made-up images and types; filters on what they have; no IncludeManagedResources';

export const describeInstances = ({ instances, associations }: Fleet) =>
  operation<DescribeInstancesRequest, DescribeInstancesResult>('ec2', DescribeInstances$, SUPPORT, (call) => {
    const { input, world } = call;
    refuseOtherParameters(input, 'InstanceIds', 'Filters', 'MaxResults', 'NextToken', 'DryRun');
    const { InstanceIds: ids = [], Filters = [], MaxResults, NextToken } = input;
    refuseIdsWithMaxResults(ids, MaxResults);
    checkMaxResults(MaxResults);
    checkInstanceIds(ids);
    const matches = matchesAll(Filters, instanceFilter);
    authorizeDescribe(call, 'DescribeInstances');
    endDryRun(input);
    const asked = ids.length > 0 ? instances.allExisting([...new Set(ids)]) : instances.list();
    const reservations = asked.map((one) => toReservation(world, one, instances.endOf(one), associations.shownOn(one)));
    const { items, nextToken } = page(reservations.filter(matches), MaxResults, NextToken, unreadableToken);
    return { Reservations: items, NextToken: nextToken };
  });
