import { DeleteRolePolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import { deleteProfile, unlessGone } from '../common/instanceProfile';
import { GRANT_POLICY } from '../common/policies';
import { markDraining, type TempRoleState } from '../common/record';
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
  tempRole: TempRoleState,
  now: number,
  drainMs: number,
  attached: boolean,
): Promise<number | undefined> {
  const { name } = tempRole;
  if ((await inlinePolicyNames(iam, name)).includes(GRANT_POLICY)) {
    await strip(iam, name);
    return undefined;
  }
  if (!attached) await deleteProfile(iam, name);
  const drains = Date.parse(tempRole.deleteAfter ?? '');
  if (Number.isFinite(drains)) return drains;
  await markDraining(iam, tempRole, now, now + drainMs);
  return now + drainMs;
}
