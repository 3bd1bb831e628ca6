import { anything, DESCRIBES, may, type Permissions, type Scope } from './permission';

/** What the doctor looks at. All of it reads; what is denied is said to be unknown. */
export const doctor = ({ arns }: Scope): Permissions => ({
  SeeInstances: may('ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations')
    .on(DESCRIBES)
    .because('Is the instance there, enrolled and running, and what does it carry?'),
  SeeManagedInstances: may('ssm:DescribeInstanceInformation', 'ssm:ListAssociations')
    .on(anything('SSM has no resources for them'))
    .because('Does Systems Manager manage the instance, and does State Manager give it profiles?'),
  SeeAssociations: may('ssm:DescribeAssociation')
    .on(anything('SSM authorises it on association, document or instance, whichever the association has'))
    .because('Which role does State Manager give the instance, and does it take away what is there?'),
  SeeConnection: may('ssm:GetConnectionStatus').on(arns.instances).because('Is the agent connected now?'),
  SeeHostManagement: may('ssm:GetServiceSetting')
    .on(arns.hostManagement)
    .because('Is Default Host Management on in this region, and with which role?'),
  SeeProfiles: may('iam:GetInstanceProfile').on(arns.profiles).because('The original may be any profile.'),
  SeeRoles: may('iam:GetRole', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies', 'iam:GetRolePolicy')
    .on(arns.roles)
    .because("The original's role may be any, and so may that of Default Host Management."),
  SeePolicies: may('iam:GetPolicy', 'iam:GetPolicyVersion')
    .on(...arns.policies)
    .because('By which policy may the agent work, what does a boundary leave, and what would the ceiling cut?'),
  SeeTempRoles: may('iam:ListRoles').on(arns.allTempRoles).because('How many roles of this instance drain?'),
  SeeElevationsOnIt: may('iam:ListInstanceProfiles')
    .on(arns.allTempProfiles)
    .because('A profile below the path of an instance marks it as busy, whichever deployment elevates it.'),
  SeeQuotas: may('iam:GetAccountSummary')
    .on(anything('the quotas belong to the account, not to a resource'))
    .because('Would the temp role fit?'),
});
