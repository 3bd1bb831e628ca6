import {
  DescribeIamInstanceProfileAssociationsCommand,
  type EC2Client,
  type IamInstanceProfileAssociation,
} from '@aws-sdk/client-ec2';
import { nameOf } from './names';

/** The one association of an instance that counts. EC2 gives profile ARN and AIPA id, but no name (aws-facts 1.1). */
export interface Attached {
  associationId: string;
  profileArn: string;
  profileId: string;
  state: 'associating' | 'associated';
}

/**
 * What is attached to an instance now. Right after a Replace EC2 lists two (aws-facts 1.2): the one that is going is
 * ignored, whatever the order.
 */
export async function attachedTo(ec2: EC2Client, instanceId: string): Promise<Attached | undefined> {
  const { IamInstanceProfileAssociations = [] } = await ec2.send(
    new DescribeIamInstanceProfileAssociationsCommand({ Filters: [{ Name: 'instance-id', Values: [instanceId] }] }),
  );
  return IamInstanceProfileAssociations.map(toAttached).find((attached) => attached !== undefined);
}

function toAttached({ AssociationId, IamInstanceProfile, State }: IamInstanceProfileAssociation): Attached | undefined {
  if (State !== 'associating' && State !== 'associated') return undefined;
  if (!AssociationId || !IamInstanceProfile?.Arn || !IamInstanceProfile.Id) return undefined;
  return {
    associationId: AssociationId,
    profileArn: IamInstanceProfile.Arn,
    profileId: IamInstanceProfile.Id,
    state: State,
  };
}

/** The same profile, and not one that was deleted and made again under its name: AIPA ids never come back. */
export const isProfile = (
  attached: { profileArn: string; profileId: string } | undefined,
  profile: { profileArn: string; profileId: string },
): boolean => attached?.profileArn === profile.profileArn && attached.profileId === profile.profileId;

/** Is the profile of this name attached? Temp names are hashes of their run: no other run has it. */
export const isNamed = (attached: Attached | undefined, name: string): boolean =>
  attached !== undefined && nameOf(attached.profileArn) === name;
