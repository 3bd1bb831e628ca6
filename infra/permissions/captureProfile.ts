import { anything, DESCRIBES, may, type Permission, type Scope } from './permission';

/** Looks at everything before anything is changed, and changes nothing. */
export const captureProfile = ({ arns, documents }: Scope): Permission[] => [
  may('ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations').on(DESCRIBES),
  may('ssm:DescribeInstanceInformation').on(anything('SSM has no resources for it')),
  may('ssm:GetConnectionStatus').on(arns.instances),
  may('ssm:DescribeDocument').on(...documents),
  // The original may be any profile, its role any role with any policies.
  may('iam:GetInstanceProfile', 'iam:ListInstanceProfiles').on(arns.profiles),
  may('iam:GetRole', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies', 'iam:GetRolePolicy').on(arns.roles),
  may('iam:GetPolicy', 'iam:GetPolicyVersion').on(...arns.policies),
  may('iam:GetAccountSummary').on(anything('the quotas belong to the account, not to a resource')),
];
