import type { IAMClient } from '@aws-sdk/client-iam';
import type { Original } from '../../state-machine/document';
import type { Clock } from '../common/clock';
import { findProfile } from '../common/instanceProfile';
import { nameOf } from '../common/names';
import type { GivenBack } from './undo';

/** The profile does not wait longer for IAM to say whether the original exists. */
const IAM_MS = 5_000;

/** Does IAM say that the original does not exist? No answer is no: then EC2 is asked by trying. */
export const isGone = (iam: IAMClient, { profileArn }: Original, clock: Clock): Promise<boolean> =>
  Promise.race([
    findProfile(iam, nameOf(profileArn)).then(
      (profile) => profile === undefined,
      () => false,
    ),
    clock.sleep(IAM_MS).then(() => false),
  ]);

/**
 * What became of the original that the instance has again. The profile is what is owed, whatever role it holds by now; but
 * programs on the instance get that role's credentials, or none: so it is said.
 */
export async function fateOf(original: Original | null, back: GivenBack, iam: IAMClient): Promise<GivenBack> {
  if (!original || (back.restored !== 'given-back' && back.restored !== 'already-back')) return back;
  const { profileArn, roleArn, roleId } = original;
  const profile = await findProfile(iam, nameOf(profileArn));
  const say = (note: string): GivenBack => ({ ...back, notes: [...back.notes, note] });
  if (!profile) {
    return {
      ...say(`But ${profileArn} was deleted meanwhile: EC2 gives no new credentials for it. Attach another one.`),
      restored: 'original-gone',
    };
  }
  const role = profile.Roles?.[0];
  if (!role) return say(`It held the role ${roleArn} and holds none now: the instance gets no credentials from it.`);
  if (role.Arn !== roleArn) return say(`It held the role ${roleArn} and holds ${role.Arn} now.`);
  return role.RoleId === roleId ? back : say(`Its role ${roleArn} was deleted and made again meanwhile.`);
}
