import { DESCRIBES, may, type Permission, type Scope } from './permission';

/** Finds what nobody recovered, and deletes what has drained. */
export const sweep = ({ arns }: Scope): Permission[] => [
  // Lists are authorised by the path prefix that is asked for, and the deployment comes after the instance in it.
  may('iam:ListRoles').on(arns.allTempRoles),
  may('iam:ListInstanceProfiles').on(arns.allTempProfiles),
  // Is the original still there? It may be any profile.
  may('iam:GetInstanceProfile').on(arns.profiles),
  may('iam:GetRole').on(arns.tempRoles, arns.missingTempRoles),
  may('iam:ListRolePolicies', 'iam:ListAttachedRolePolicies').on(arns.tempRoles),
  // Puts the end of a drain off, and changes nothing else of a record.
  may('iam:TagRole')
    .on(arns.tempRoles)
    .where({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'stepup:delete-after' }, Null: { 'aws:TagKeys': 'false' } }),
  may('iam:DetachRolePolicy', 'iam:DeleteRolePolicy', 'iam:DeleteRole').on(arns.tempRoles),
  may('iam:RemoveRoleFromInstanceProfile', 'iam:DeleteInstanceProfile').on(arns.tempProfiles, arns.missingTempProfiles),
  may('ec2:DescribeIamInstanceProfileAssociations').on(DESCRIBES),
  may('states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution').on(arns.elevation.executions),
  // By the name that is a run's hash; and is a recovery of it running?
  may('states:ListExecutions').on(arns.elevation.machine, arns.recovery.machine),
  may('states:DescribeExecution').on(arns.recovery.executions),
  may('states:StartExecution').on(arns.recovery.machine),
];
