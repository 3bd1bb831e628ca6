import { join } from 'node:path';
import type { LocalAws } from '../../local';

/** What test/support/globalSetup.js synthesised. */
export const ASSEMBLY = join(__dirname, '..', '..', '.stepup', 'assembly');
export const DEPLOYMENT = 'StepUp-us-east-1';
export const INSTANCE = 'i-0123456789abcdef0';

const EC2_TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** A role with SSM core, and a profile of the same name that holds it. */
export async function makeProfile({ world }: LocalAws, name: string, path = '/'): Promise<void> {
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
  await world.asRoot('iam', 'CreateRole', { RoleName: name, Path: path, AssumeRolePolicyDocument: EC2_TRUST });
  await world.asRoot('iam', 'AttachRolePolicy', { RoleName: name, PolicyArn });
  await world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: name, Path: path });
  await world.asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: name, RoleName: name });
}
