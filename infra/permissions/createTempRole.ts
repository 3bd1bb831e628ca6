import { inheritable, may, type Permissions, patterns, type Scope, STATE_TAGS, TO_EC2 } from './permission';

/** Makes the temp role and its profile; never without one of our ceilings, never without its record. */
export const createTempRole = (scope: Scope): Permissions => ({
  ...reading(scope),
  ...making(scope),
});

const reading = ({ arns, restorableRoles }: Scope): Permissions => ({
  SeeRoles: may('iam:GetRole')
    .on(arns.tempRoles, arns.missingTempRoles, ...patterns('restorableRoles', restorableRoles))
    .because('The state of the record before each write; the tags of the original for the baseline inherit.'),
  SeeOriginalPolicies: may('iam:ListAttachedRolePolicies', 'iam:ListRolePolicies', 'iam:GetRolePolicy')
    .on(...patterns('restorableRoles', restorableRoles))
    .because('The baseline inherit copies them.'),
  SeeProfile: may('iam:GetInstanceProfile')
    .on(arns.tempProfiles, arns.missingTempProfiles)
    .because('Was it made by an earlier attempt?'),
});

const making = (scope: Scope): Permissions => ({
  CreateUnderCeiling: may('iam:CreateRole')
    .on(scope.arns.tempRoles)
    .where({
      ArnLike: { 'iam:PermissionsBoundary': scope.arns.ceilings },
      Null: Object.fromEntries(RECORD.map((tag) => [`aws:RequestTag/${tag}`, 'false'])),
    })
    .because('Nothing beyond the ceiling can be granted, and undo is written before do.'),
  WriteRecordOnce: may('iam:TagRole')
    .on(scope.arns.tempRoles)
    .where({
      Null: { 'aws:ResourceTag/stepup:execution': 'true', 'aws:TagKeys': 'false' },
      ...NO_STATE,
    })
    .because('CreateRole with tags needs it. A role that has a record keeps it; its state is written by restore.'),
  WriteRecordAsSeen: may('iam:TagRole')
    .on(scope.arns.tempRoles)
    .where({
      StringEquals: same('aws:ResourceTag', 'aws:RequestTag', [...RECORD, ...ALWAYS]),
      StringEqualsIfExists: same('aws:RequestTag', 'aws:ResourceTag', PARTS),
      ...NO_STATE,
    })
    .because(
      'The same, should AWS show the tags of CreateRole as those of the new role already, which nobody has confirmed. On a role that has a record only the same can be written again.',
    ),
  GrantUnderCeiling: may('iam:PutRolePolicy')
    .on(scope.arns.tempRoles)
    .where({ ArnLike: { 'iam:PermissionsBoundary': scope.arns.ceilings }, ...WHILE_OPEN })
    .because(
      'Grant and baseline. Nothing is put on a role that closes, not even by a function that was asleep since it read the record.',
    ),
  InheritUnderCeiling: may('iam:AttachRolePolicy')
    .on(scope.arns.tempRoles)
    .where({
      ArnLike: { 'iam:PermissionsBoundary': scope.arns.ceilings, 'iam:PolicyARN': inheritable(scope) },
      ...WHILE_OPEN,
    })
    .because('The managed policies of the original, as far as the configuration lets them be inherited.'),
  MakeProfile: may('iam:CreateInstanceProfile', 'iam:AddRoleToInstanceProfile')
    .on(scope.arns.tempProfiles)
    .because('What EC2 attaches is a profile; that it exists marks the instance as busy.'),
  PassTempRole: may('iam:PassRole')
    .on(scope.arns.tempRoles)
    .where(TO_EC2)
    .because('AddRoleToInstanceProfile passes the role, too (aws-facts 2.6).'),
});

/** What a restore cannot do without, and the ceiling compares. */
const RECORD = ['stepup:execution', 'stepup:instance-arn', 'stepup:original', 'stepup:expires'];
/** Also in every record. */
const ALWAYS = ['stepup:started', 'stepup:grant', 'stepup:requester'];
/** What is longer than a tag's value goes on under KEY.2, KEY.3: functions/common/record.ts. */
const PARTS = ['stepup:execution.2', 'stepup:requester.2'].concat(
  [2, 3, 4, 5, 6, 7, 8].map((part) => `stepup:original.${part}`),
);
const NO_STATE = { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': STATE_TAGS } };

const same = (one: string, other: string, tags: string[]): Record<string, string> =>
  Object.fromEntries(tags.map((tag) => [`${one}/${tag}`, `\${${other}/${tag}}`]));

const WHILE_OPEN = {
  Null: {
    'aws:ResourceTag/stepup:restoring-since': 'true',
    'aws:ResourceTag/stepup:draining-since': 'true',
  },
};
