import { DescribeIamInstanceProfileAssociationsCommand } from '@aws-sdk/client-ec2';
import { INSTANCE, makeProfile, type Stage } from '../support/stage';

/** Long enough for IAM's propagation and an association, in seconds. */
export const SETTLED = 120;

export const arnOf = (profile: string): string => `arn:aws:iam::123456789012:instance-profile/${profile}`;

/** The instance's associations, as EC2 shows them. */
export async function associationsOf({ during, ec2 }: Stage) {
  const describe = new DescribeIamInstanceProfileAssociationsCommand({
    Filters: [{ Name: 'instance-id', Values: [INSTANCE] }],
  });
  return (await during(ec2.send(describe))).IamInstanceProfileAssociations ?? [];
}

/** Names of the profiles that the instance has, with their states. */
export const attachedNow = async (stage: Stage): Promise<string[]> =>
  (await associationsOf(stage)).map(
    ({ IamInstanceProfile, State }) => `${IamInstanceProfile?.Arn?.split('/').at(-1)} ${State}`,
  );

/** Somebody makes a role and a profile that holds it. */
export const somebodyMakes = (stage: Stage, name: string, path = '/'): Promise<void> =>
  stage.during(makeProfile(stage.aws, name, path));

/** Somebody replaces the instance's profile, which EC2 must see by now. */
export async function somebodyReplaces(stage: Stage, name: string): Promise<void> {
  const [{ AssociationId } = {}] = await associationsOf(stage);
  const IamInstanceProfile = { Name: name };
  await stage.aws.world.asRoot('ec2', 'ReplaceIamInstanceProfileAssociation', { AssociationId, IamInstanceProfile });
}

export async function somebodyTakesItOff(stage: Stage): Promise<void> {
  const [{ AssociationId } = {}] = await associationsOf(stage);
  await stage.aws.world.asRoot('ec2', 'DisassociateIamInstanceProfile', { AssociationId });
}

/** Deletes a profile; its role stays. */
export async function somebodyDeletes({ aws: { world } }: Stage, profile: string, roleName = profile): Promise<void> {
  const InstanceProfileName = profile;
  await world.asRoot('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName: roleName });
  await world.asRoot('iam', 'DeleteInstanceProfile', { InstanceProfileName });
}

/** Makes the profile again under its name: another one to IAM and EC2. */
export async function somebodyMakesAgain({ aws: { world } }: Stage, profile: string): Promise<void> {
  await world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: profile });
  await world.asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: profile, RoleName: profile });
}

export const putPolicy = ({ aws }: Stage, RoleName: string, PolicyName: string, ...statements: object[]) =>
  aws.world.asRoot('iam', 'PutRolePolicy', {
    RoleName,
    PolicyName,
    PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
  });

/** Somebody makes a role with SSM core and a permissions boundary, and a profile that holds it. */
export async function somebodyMakesBounded({ aws: { world } }: Stage): Promise<void> {
  const { Role } = await world.asRoot('iam', 'GetRole', { RoleName: 'app' });
  await world.asRoot('iam', 'CreateRole', {
    RoleName: 'bounded',
    AssumeRolePolicyDocument: decodeURIComponent(Role.AssumeRolePolicyDocument),
    PermissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess',
  });
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
  await world.asRoot('iam', 'AttachRolePolicy', { RoleName: 'bounded', PolicyArn });
  await world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: 'bounded' });
  await world.asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: 'bounded', RoleName: 'bounded' });
}
