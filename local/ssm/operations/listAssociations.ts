import {
  type AssociationFilter,
  ListAssociations$,
  type ListAssociationsRequest,
  type ListAssociationsResult,
} from '@aws-sdk/client-ssm';
import { AwsError, operation } from '../../world';
import { inOrder, LARGEST_PAGE, validatePage } from '../pages';
import type { Ssm } from '../state';
import { associationItem, type StoredAssociation } from '../stateManager';

/** aws-facts-2 17.4 has more keys. */
const FILTERS: Record<string, (association: StoredAssociation) => string | undefined> = {
  AssociationId: ({ id }) => id,
  AssociationName: ({ name }) => name,
  InstanceId: ({ instanceId }) => instanceId,
  Name: ({ document }) => document,
};

export const listAssociations = ({ associations }: Ssm) =>
  operation<ListAssociationsRequest, ListAssociationsResult>(
    'ssm',
    ListAssociations$,
    `partial: AssociationFilterList ${Object.keys(FILTERS).join(', ')}`,
    ({ input, authorize }) => {
      const { AssociationFilterList: filters = [] } = input;
      validatePage(input);
      const unknown = filters.find(({ key }) => !FILTERS[key as string]);
      if (unknown)
        throw new AwsError('ValidationException', `Not supported by the embedded AWS: filter ${unknown.key}`);
      authorize('ssm:ListAssociations');
      const matches = (association: StoredAssociation, { key, value }: AssociationFilter) =>
        FILTERS[key as string]?.(association) === value;
      const wanted = [...associations.values()].filter((association) =>
        filters.every((filter) => matches(association, filter)),
      );
      const { items, NextToken } = inOrder(wanted, ({ id }) => id, { MaxResults: LARGEST_PAGE, ...input });
      return { Associations: items.map(associationItem), NextToken };
    },
  );
