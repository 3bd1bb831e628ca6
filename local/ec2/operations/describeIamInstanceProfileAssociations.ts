import {
  DescribeIamInstanceProfileAssociations$,
  type DescribeIamInstanceProfileAssociationsRequest,
  type DescribeIamInstanceProfileAssociationsResult,
  type Filter,
} from '@aws-sdk/client-ec2';
import { AwsError, operation } from '../../world';
import { type Association, describe } from '../associations';
import { authorizeDescribe } from '../authorization';
import type { Fleet } from '../fleet';
import { completeFilter, page } from '../lists';
import { associationNotFound, endDryRun, isAssociationId, isInstanceId } from '../parameters';

const refuse = (message: string): never => {
  throw new AwsError('InvalidParameterValue', message);
};

function checkState(value: string): void {
  if (value === 'disassociated') refuse("Only 'associated', 'associating' and 'disassociating' are allowed");
  if (!['associated', 'associating', 'disassociating'].includes(value)) {
    refuse(`A filter for an unknown association state of '${value}' was given`);
  }
}

/** The texts are native (aws-facts-2 0c). */
function toPredicate(filter: Filter): (association: Association) => boolean {
  const { name, values } = completeFilter(filter);
  switch (name) {
    case 'instance-id': {
      const bad = values.find((value) => !isInstanceId(value));
      if (bad !== undefined) refuse(`A filter with an invalid instance-id of '${bad}' was given`);
      return ({ instance }) => values.includes(instance.id);
    }
    case 'state':
      values.forEach(checkState);
      return ({ state }) => values.includes(state);
    default:
      return refuse(`An unknown filter '${name}' was given`);
  }
}

export const describeIamInstanceProfileAssociations = (fleet: Fleet) =>
  operation<DescribeIamInstanceProfileAssociationsRequest, DescribeIamInstanceProfileAssociationsResult>(
    'ec2',
    DescribeIamInstanceProfileAssociations$,
    'full',
    (call) => {
      const { AssociationIds: ids = [], Filters = [], MaxResults, NextToken } = call.input;
      if (!ids.every(isAssociationId)) refuse('Invalid value for association-id.');
      if (MaxResults !== undefined && MaxResults < 1) {
        refuse(`Invalid value '${MaxResults}' for 'maxResults'. MaxResult must be a positive integer`);
      }
      const predicates = Filters.map(toPredicate);
      authorizeDescribe(call, 'DescribeIamInstanceProfileAssociations');
      endDryRun(call.input);
      for (const id of ids) if (!fleet.associations.get(id)) associationNotFound(id);
      const found = fleet.associations
        .list()
        .filter((association) => ids.length === 0 || ids.includes(association.id))
        .filter((association) => predicates.every((matches) => matches(association)));
      const { items, nextToken } = page(found, MaxResults, NextToken);
      return { IamInstanceProfileAssociations: items.map((item) => describe(item)), NextToken: nextToken };
    },
  );
