import {
  DescribeAssociation$,
  type DescribeAssociationRequest,
  type DescribeAssociationResult,
} from '@aws-sdk/client-ssm';
import { AwsError, operation } from '../../world';
import { refuse, type Ssm, validate } from '../state';
import { associationArn, associationDescription } from '../stateManager';

/** Unconfirmed: that it is authorized on the association, and on nothing else. */
export const describeAssociation = ({ world, associations }: Ssm) =>
  operation<DescribeAssociationRequest, DescribeAssociationResult>(
    'ssm',
    DescribeAssociation$,
    'partial: by AssociationId; every association has one version',
    ({ input, authorize }) => {
      refuse(input, 'Name', 'InstanceId', 'AssociationVersion');
      const { AssociationId: id = '' } = input;
      validate([
        'associationId',
        id,
        /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id),
        'satisfy regular expression pattern: [0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
      ]);
      authorize('ssm:DescribeAssociation', associationArn(world, id));
      const found = associations.get(id);
      // Unconfirmed: the text.
      if (!found) throw new AwsError('AssociationDoesNotExist', `The association ${id} does not exist.`);
      return { AssociationDescription: associationDescription(found) };
    },
  );
