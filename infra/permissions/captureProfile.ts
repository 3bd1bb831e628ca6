import { anything, DESCRIBES, inheritable, may, type Permissions, type Scope } from './permission';

/** Looks at everything before anything is changed, and changes nothing. */
export const captureProfile = (scope: Scope): Permissions => ({
  SeeInstances: may('ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations')
    .on(DESCRIBES)
    .because('Is the instance there, enrolled and running, and what does it carry?'),
  SeeManagedInstances: may('ssm:DescribeInstanceInformation')
    .on(anything('SSM has no resources for it'))
    .because('Does Systems Manager manage the instance?'),
  SeeConnection: may('ssm:GetConnectionStatus').on(scope.arns.instances).because('Is the agent connected now?'),
  SeeDocuments: may('ssm:DescribeDocument')
    .on(...scope.documents)
    .because('Does the document take the parameters?'),
  SeeOriginalProfile: may('iam:GetInstanceProfile')
    .on(scope.arns.profiles)
    .because('The original may be any profile: whether it can be given back is said with its name.'),
  SeeOriginalRole: may('iam:GetRole', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies', 'iam:GetRolePolicy')
    .on(scope.arns.roles)
    .because('Its role may be any: whether it can be given back, and be inherited, is said with its name.'),
  SeeInheritedPolicies: may('iam:GetPolicy', 'iam:GetPolicyVersion')
    .on(...inheritable(scope))
    .because('Would the ceiling cut what they allow?'),
  SeeElevations: may('iam:ListInstanceProfiles')
    .on(scope.arns.allTempProfiles)
    .because('A profile below the path of an instance marks it as busy, whichever deployment elevates it.'),
  SeeQuotas: may('iam:GetAccountSummary')
    .on(anything('the quotas belong to the account, not to a resource'))
    .because('Would the temp role fit?'),
});
