import { DeleteRolePolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import { deleteProfile, unlessGone } from '../common/instanceProfile';
import { GRANT_POLICY } from '../common/policies';
import { markDraining, type StoredRecord } from '../common/record';
import { inlinePolicyNames } from '../common/rolePolicies';

/** Takes the grant from the temp role; sessions that were issued lose it too, for IAM evaluates every request. */
export const strip = (iam: IAMClient, roleName: string): Promise<void> =>
  unlessGone(() => iam.send(new DeleteRolePolicyCommand({ RoleName: roleName, PolicyName: GRANT_POLICY })));

/**
 * The end of a run: the grant is confirmed gone, the instance profile is deleted (it was the marker of a busy instance;
 * afterwards a function that wakes up late has nothing left to attach), and the role drains with its baseline until every
 * credential that it issued has expired.
 * @param attached the instance still carries the profile, because there is no original to give back: then it is kept, for
 *   IAM would delete it all the same
 * @returns when sweep may delete the role, epoch ms; undefined when the grant was there again and was taken once more
 */
export async function close(
  iam: IAMClient,
  record: StoredRecord,
  now: number,
  drainMs: number,
  attached: boolean,
): Promise<number | undefined> {
  const roleName = record.role.RoleName as string;
  if ((await inlinePolicyNames(iam, roleName)).includes(GRANT_POLICY)) {
    await strip(iam, roleName);
    return undefined;
  }
  if (!attached) await deleteProfile(iam, roleName);
  if (record.deleteAfter) return Date.parse(record.deleteAfter);
  await markDraining(iam, record, now, now + drainMs);
  return now + drainMs;
}
