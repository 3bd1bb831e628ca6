import { may, type Permission, type Scope } from './permission';

/** Makes the temp role and its profile; never without one of our ceilings. */
export const createTempRole = ({ arns }: Scope): Permission[] => [
  // The original may be any role: its policies are read for the baseline `inherit`.
  may('iam:GetRole', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies', 'iam:GetRolePolicy').on(arns.roles),
  // Nothing is put on a role whose record is closing, not even by a function that was asleep since it read the record.
  may('iam:CreateRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy')
    .on(arns.tempRoles)
    .where({
      ArnLike: { 'iam:PermissionsBoundary': arns.ceilings },
      Null: { 'aws:ResourceTag/stepup:restoring-since': 'true' },
    }),
  // CreateRole with tags needs it. A role that has a record keeps it.
  may('iam:TagRole')
    .on(arns.tempRoles)
    .where({ Null: { 'aws:ResourceTag/stepup:execution': 'true' } }),
  may('iam:CreateInstanceProfile', 'iam:AddRoleToInstanceProfile').on(arns.tempProfiles),
  may('iam:GetInstanceProfile').on(arns.tempProfiles, arns.missingTempProfiles),
  // AddRoleToInstanceProfile passes the role, too: aws-facts 2.6. To whom, AWS does not say there.
  may('iam:PassRole').on(arns.tempRoles),
];
