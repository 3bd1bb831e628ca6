import type { Association, AssociationDescription } from '@aws-sdk/client-ssm';
import type { SsmAssociation, World } from '../world';

/** An association of State Manager. Its document does not run here: it is there to be seen. */
export interface StoredAssociation extends SsmAssociation {
  id: string;
  made: number;
}

/** By id. */
export type Associations = Map<string, StoredAssociation>;

export function putAssociation({ ids, clock }: World, stored: Associations, association: SsmAssociation): string {
  const id = ids.uuid();
  stored.set(id, { ...association, id, made: clock.now() });
  return id;
}

export const associationArn = ({ partition, region, account }: World, id: string): string =>
  `arn:${partition}:ssm:${region}:${account}:association/${id}`;

/** What both answers have. Unconfirmed: what they have of an association that was never applied. */
const common = ({ id, document, name, instanceId, targets, schedule }: StoredAssociation) => ({
  Name: document,
  InstanceId: instanceId,
  AssociationId: id,
  AssociationVersion: '1',
  DocumentVersion: '$DEFAULT',
  Targets: targets?.map(({ key, values }) => ({ Key: key, Values: values })),
  Overview: { Status: 'Pending', DetailedStatus: 'Creating' },
  ScheduleExpression: schedule,
  AssociationName: name,
});

export const associationItem = (association: StoredAssociation): Association => common(association);

export const associationDescription = (association: StoredAssociation): AssociationDescription => ({
  ...common(association),
  Date: new Date(association.made),
  LastUpdateAssociationDate: new Date(association.made),
  Parameters: association.parameters,
  AutomationTargetParameterName: association.automationTargetParameterName,
  ApplyOnlyAtCronInterval: false,
});
