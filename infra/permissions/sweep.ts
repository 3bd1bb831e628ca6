import { anything, DESCRIBES, may, type Permissions, type Scope } from './permission';

/** Finds what nobody recovered, and deletes what has drained. */
export const sweep = (scope: Scope): Permissions => ({
  ...looking(scope),
  ...cleaning(scope),
  ...runs(scope),
});

const looking = ({ arns }: Scope): Permissions => ({
  ListRoles: may('iam:ListRoles')
    .on(arns.allTempRoles)
    .because(
      'Every leftover. Lists are authorised by the path that is asked for, and the deployment comes after the instance in it.',
    ),
  ListProfiles: may('iam:ListInstanceProfiles').on(arns.allTempProfiles).because('As with the roles.'),
  SeeProfiles: may('iam:GetInstanceProfile')
    .on(arns.profiles)
    .because('Does the original still exist? It may be any profile.'),
  SeeRecord: may('iam:GetRole')
    .on(arns.tempRoles, arns.missingTempRoles)
    .because('The record, which lists do not show.'),
  SeePolicies: may('iam:ListRolePolicies', 'iam:ListAttachedRolePolicies')
    .on(arns.tempRoles)
    .because('Has the grant come back? What must go before the role?'),
  SeeInstances: may('ec2:DescribeIamInstanceProfileAssociations')
    .on(DESCRIBES)
    .because('Which instances carry a temp profile?'),
  SeeQuotas: may('iam:GetAccountSummary')
    .on(anything('the quotas belong to the account, not to a resource'))
    .because('How much of the quota of roles is used? An alarm asks.'),
});

const cleaning = ({ arns }: Scope): Permissions => ({
  PutDrainOff: may('iam:TagRole')
    .on(arns.tempRoles)
    .where({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'stepup:delete-after' }, Null: { 'aws:TagKeys': 'false' } })
    .because('As long as an instance carries the role; nothing else of a record.'),
  DeleteDrained: may('iam:DetachRolePolicy', 'iam:DeleteRolePolicy', 'iam:DeleteRole')
    .on(arns.tempRoles)
    .where({ Null: { 'aws:ResourceTag/stepup:draining-since': 'false' } })
    .because('A role that has drained; a grant that came back. Never of a run that is not closed.'),
  ListCeilings: may('iam:ListPolicies')
    .on(anything('ListPolicies knows no resources'))
    .because('Which ceilings of earlier releases are left?'),
  SeeCeiling: may('iam:GetPolicy').on(arns.ceilings).because('Its tags, which lists do not show.'),
  RememberUnused: may('iam:TagPolicy')
    .on(arns.ceilings)
    .where({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'stepup:unused-since' }, Null: { 'aws:TagKeys': 'false' } })
    .because('Since when nothing needs it; nothing else is written on a ceiling.'),
  DeleteCeiling: may('iam:DeletePolicy')
    .on(arns.ceilings)
    .where({ StringLike: { 'aws:ResourceTag/stepup:unused-since': '?*' } })
    .because('Of an earlier release, that was found unused before; IAM refuses as long as a role wears it.'),
  DeleteProfile: may('iam:RemoveRoleFromInstanceProfile', 'iam:DeleteInstanceProfile')
    .on(arns.tempProfiles)
    .because('A profile that belongs to no run marks its instance as busy.'),
});

const runs = ({ arns }: Scope): Permissions => ({
  SeeRuns: may('states:DescribeExecution', 'states:GetExecutionHistory')
    .on(arns.elevation.executions)
    .because('Is the run over, and how did it end?'),
  StopOverdue: may('states:StopExecution')
    .on(arns.elevation.executions)
    .because('A run whose grant has ended, and which does not get on.'),
  FindRuns: may('states:ListExecutions')
    .on(arns.elevation.machine, arns.recovery.machine)
    .because('By the name that is the hash of a run; and is a recovery of it running?'),
  SeeRecoveries: may('states:DescribeExecution')
    .on(arns.recovery.executions)
    .because('Which run does a recovery recover?'),
  StartRecovery: may('states:StartExecution').on(arns.recovery.machine).because('For a run that an event missed.'),
});
