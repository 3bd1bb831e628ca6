import { globOf } from '../../../state-machine/patterns';
import { isProfile } from '../associations';
import { type InstanceCheck, refuse } from './check';

/** EKS recognises a node by its role's ARN; with another role it would drop out of its cluster. */
const EKS_TAG = /^(kubernetes\.io\/cluster\/|eks:cluster-name$|aws:eks:cluster-name$)/;

export const eksNode: InstanceCheck = {
  id: 'eks-node',
  title: 'The instance is no node of an EKS cluster',
  run: async ({ request: { instanceId }, instance }) => {
    const eks = (await instance())?.Tags?.find(({ Key }) => EKS_TAG.test(Key ?? ''))?.Key;
    if (eks)
      refuse(
        'OriginalNotRestorable',
        `${instanceId} is an EKS node (tag ${eks}): its cluster knows it by its role. Run the job as a pod with a role of its own.`,
      );
  },
};

export const profile: InstanceCheck = {
  id: 'profile',
  title: 'IAM knows the profile that the instance carries',
  run: async ({ request: { instanceId }, attached, profile: find }) => {
    const current = await attached();
    if (!current) return;
    const found = await find();
    const here = found && { profileArn: found.Arn ?? '', profileId: found.InstanceProfileId ?? '' };
    if (!here || !isProfile(current, here)) {
      refuse(
        'OriginalNotRestorable',
        `${instanceId} carries ${current.profileArn} (${current.profileId}), which IAM ${here ? 'has made anew since' : 'does not know any more'}: attach a profile that exists, then try again.`,
      );
    }
  },
};

export const oneRole: InstanceCheck = {
  id: 'one-role',
  title: 'The profile holds a role',
  run: async ({ attached, profile: find, role }) => {
    const current = await attached();
    if (!current) return;
    if (!(await find())?.Roles?.[0]?.Arn || !(await role()))
      refuse(
        'OriginalNotRestorable',
        `${current.profileArn} holds no role: add one, or take the profile off the instance.`,
      );
  },
};

export const restorable: InstanceCheck = {
  id: 'restorable',
  title: 'StepUp may give the role back',
  run: async ({ deps, role }) => {
    const roleArn = (await role())?.Arn;
    if (!roleArn || deps.config.restorableRoles.some((pattern) => globOf(pattern).test(roleArn))) return;
    refuse(
      'OriginalNotRestorable',
      `This deployment may not pass ${roleArn} back to the instance: add it to restorableRoles and deploy.`,
    );
  },
};
