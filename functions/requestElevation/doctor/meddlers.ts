import type { Instance } from '@aws-sdk/client-ec2';
import {
  type Association,
  type AssociationDescription,
  DescribeAssociationCommand,
  paginateListAssociations,
  type SSMClient,
  type Target,
} from '@aws-sdk/client-ssm';

/** A State Manager association that gives an instance a profile, or its role policies, whenever it is due. */
export interface Meddler {
  id: string;
  document: string;
  schedule: string;
  /** perhaps: by a resource group, which is not looked into. */
  targets: 'yes' | 'perhaps';
  role: string | undefined;
  /** Does it take a profile off that is there? AWS-AttachIAMToInstance does unless it is told not to (aws-facts-2 17.4). */
  byForce: boolean;
}

const ATTACH = 'AWS-AttachIAMToInstance';
export const isQuickSetup = (document: string): boolean => document.startsWith('AWSQuickSetup');

/** The name at the end of an association's document, which may be an ARN. */
const documentOf = ({ Name = '' }: Association): string => Name.slice(Name.lastIndexOf('/') + 1);

/**
 * Those that are about this instance. ListAssociations filters by whole names only, and Quick Setup's have an id at their ends:
 * so all are listed, and of the few that may matter the parameters are read.
 */
export async function meddlersOf(
  ssm: SSMClient,
  instanceId: string,
  instance: Instance | undefined,
): Promise<Meddler[]> {
  const candidates: Association[] = [];
  for await (const { Associations = [] } of paginateListAssociations({ client: ssm, pageSize: 50 }, {})) {
    candidates.push(...Associations.filter((one) => documentOf(one) === ATTACH || isQuickSetup(documentOf(one))));
  }
  const described = await Promise.all(
    candidates.map(async (one) => {
      if (one.Targets?.length && targeting(one.Targets, instanceId, instance) === 'no') return [];
      const { AssociationId } = one;
      const { AssociationDescription: found } = await ssm.send(new DescribeAssociationCommand({ AssociationId }));
      return found ? asMeddler(found, instanceId, instance) : [];
    }),
  );
  return described.flat();
}

function asMeddler(found: AssociationDescription, instanceId: string, instance: Instance | undefined): Meddler[] {
  const { AssociationId: id = '', Parameters = {}, Targets = [], InstanceId, ScheduleExpression = '' } = found;
  const named = InstanceId === instanceId || Parameters.InstanceId?.includes(instanceId);
  const targets = Targets.length > 0 ? targeting(Targets, instanceId, instance) : named ? 'yes' : 'no';
  if (targets === 'no') return [];
  const document = documentOf(found);
  const byForce = document === ATTACH && Parameters.ForceReplace?.[0]?.toLowerCase() !== 'false';
  return [{ id, document, schedule: ScheduleExpression, targets, role: Parameters.RoleName?.[0], byForce }];
}

/** Several targets must all be met. */
function targeting(targets: Target[], instanceId: string, instance: Instance | undefined): 'yes' | 'perhaps' | 'no' {
  const tags = new Map(instance?.Tags?.map(({ Key = '', Value = '' }) => [Key, Value]));
  const each = targets.map(({ Key = '', Values = [] }) => {
    if (Key === 'InstanceIds' || Key === 'ParameterValues') return Values.includes(instanceId) || Values.includes('*');
    if (Key === 'tag-key') return Values.some((key) => tags.has(key));
    if (Key.startsWith('tag:')) return Values.includes(tags.get(Key.slice(4)) ?? '') && tags.has(Key.slice(4));
    return undefined;
  });
  if (each.includes(false)) return 'no';
  return each.includes(undefined) ? 'perhaps' : 'yes';
}
