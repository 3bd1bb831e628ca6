import { DESCRIBES, may, type Permissions, type Scope, TO_EC2 } from './permission';

/** Gives an enrolled instance its own temp profile, and no other. */
export const swapProfile = ({ arns }: Scope): Permissions => ({
  SeeInstances: may('ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations')
    .on(DESCRIBES)
    .because('Does the instance still carry the original that was recorded?'),
  SwapOnEnrolled: may('ec2:ReplaceIamInstanceProfileAssociation', 'ec2:AssociateIamInstanceProfile')
    .on(arns.instances)
    .where({
      ArnLike: { 'ec2:NewInstanceProfile': arns.tempProfilesOf('${ec2:InstanceID}') },
      // Of an instance without a profile the key is absent, and a negated operator holds.
      ArnNotLike: { 'ec2:InstanceProfile': arns.allTempProfiles },
      Null: { 'ec2:ResourceTag/stepup:grants': 'false' },
    })
    .because(
      'The swap itself: an enrolled instance, a profile that was made for it, and never in the place of an elevation.',
    ),
  PassTempRole: may('iam:PassRole')
    .on(arns.tempRoles)
    .where(TO_EC2)
    .because('EC2 asks for it when a profile is attached.'),
  SeeRecord: may('iam:GetRole')
    .on(arns.tempRoles, arns.missingTempRoles)
    .because('Is the record open? Read right before the swap.'),
});
