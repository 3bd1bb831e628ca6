import { Aws } from 'aws-cdk-lib';
import { DESCRIBES, may, type Permission, type Scope } from './permission';

/** Gives an enrolled instance one of our profiles, and no other. */
export const swapProfile = ({ arns }: Scope): Permission[] => [
  may('ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations').on(DESCRIBES),
  may('ec2:ReplaceIamInstanceProfileAssociation', 'ec2:AssociateIamInstanceProfile')
    .on(arns.instances)
    .where({
      ArnLike: { 'ec2:NewInstanceProfile': arns.tempProfiles },
      Null: { 'ec2:ResourceTag/stepup:grants': 'false' },
    }),
  may('iam:PassRole')
    .on(arns.tempRoles)
    .where({ StringEquals: { 'iam:PassedToService': `ec2.${Aws.URL_SUFFIX}` } }),
  may('iam:GetRole').on(arns.tempRoles, arns.missingTempRoles),
];
