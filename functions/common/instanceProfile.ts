import {
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  type IAMClient,
  type InstanceProfile,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { isAws } from './awsErrors';

/**
 * Deletes a temp profile; it may be gone already. DeleteInstanceProfile does not look whether an instance carries it
 * (aws-facts 2.3): call this only when none does.
 */
export async function deleteProfile(iam: IAMClient, name: string): Promise<void> {
  await unlessGone(() =>
    iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: name, RoleName: name })),
  );
  await unlessGone(() => iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: name })));
}

/** Undoing what is not there (any more) is done. */
export async function unlessGone(remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!isAws(error, 'NoSuchEntity')) throw error;
  }
}

/** @returns undefined when IAM does not know it */
export async function findProfile(iam: IAMClient, name: string): Promise<InstanceProfile | undefined> {
  try {
    return (await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }))).InstanceProfile;
  } catch (error) {
    if (isAws(error, 'NoSuchEntity')) return undefined;
    throw error;
  }
}
