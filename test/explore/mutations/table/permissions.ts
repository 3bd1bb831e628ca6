import type { Mutation } from '../mutation';
import { guard, permission, withoutCondition } from '../removal';

const fence = (
  name: string,
  fn: string,
  action: string,
  operator: string,
  key: string,
  more: Partial<Mutation> = {},
): Mutation => ({ name, remove: [permission(fn, action, withoutCondition(operator, key))], ...more });

const GONE_WRONG = 'it stops a function that has gone wrong, and none does in the exploration: test/infra/attacks';

/** What IAM refuses, whatever a function does. */
export const PERMISSIONS: Mutation[] = [
  fence(
    'IAM: nothing is put on a role that closes',
    'createTempRole',
    'iam:PutRolePolicy',
    'Null',
    'aws:ResourceTag/stepup:restoring-since',
    {
      hints: [
        'one a.CreateTempRole/PutRolePolicy#1=zombie',
        'one a.CreateTempRole/PutRolePolicy#2=zombie',
        'one a.CreateTempRole/AttachRolePolicy#1=zombie',
      ],
    },
  ),
  fence('IAM: no role without a ceiling', 'createTempRole', 'iam:CreateRole', 'ArnLike', 'iam:PermissionsBoundary', {
    unfound: GONE_WRONG,
  }),
  fence('IAM: a record is written once', 'createTempRole', 'iam:TagRole', 'Null', 'aws:ResourceTag/stepup:execution', {
    unfound: GONE_WRONG,
  }),
  fence(
    'IAM: the swap attaches our profiles only',
    'swapProfile',
    'ec2:AssociateIamInstanceProfile',
    'ArnLike',
    'ec2:NewInstanceProfile',
    { unfound: GONE_WRONG },
  ),
  fence(
    'IAM: the swap is for enrolled instances',
    'swapProfile',
    'ec2:AssociateIamInstanceProfile',
    'Null',
    'ec2:ResourceTag/stepup:grants',
    {
      unfound: 'who takes the tag away in mid-run is refused later: no promise speaks of it: test/infra/attacks',
    },
  ),
  fence(
    'IAM: Restore takes our profiles off only',
    'restore',
    'ec2:DisassociateIamInstanceProfile',
    'ArnLike',
    'ec2:InstanceProfile',
    { unfound: GONE_WRONG },
  ),
  fence(
    'IAM: Restore fills bare instances only',
    'restore',
    'ec2:AssociateIamInstanceProfile',
    'Null',
    'ec2:InstanceProfile',
    { unfound: GONE_WRONG },
  ),
  fence(
    'IAM: the rehearsal is of the same profile',
    'restore',
    'ec2:ReplaceIamInstanceProfileAssociation',
    'StringEquals',
    'ec2:NewInstanceProfile',
    { unfound: GONE_WRONG },
  ),
  fence(
    'IAM: Restore writes the state of a record only',
    'restore',
    'iam:TagRole',
    'ForAllValues:StringEquals',
    'aws:TagKeys',
    { unfound: GONE_WRONG },
  ),
  fence('IAM: roles are passed to EC2 only', 'restore', 'iam:PassRole', 'StringEquals', 'iam:PassedToService', {
    unfound: GONE_WRONG,
  }),
  fence(
    'IAM: scripts are sent to enrolled instances',
    'runScript',
    'ssm:SendCommand',
    'Null',
    'ssm:resourceTag/stepup:grants',
    {
      unfound: 'who takes the tag away in mid-run is refused later: no promise speaks of it: test/infra/attacks',
    },
  ),
  {
    name: 'The ceiling: only on its instance',
    remove: [guard('OnlyOnItsInstance')],
    hints: ['one a.AwaitScript#1=elsewhere'],
  },
  {
    name: 'The ceiling: hands off StepUp',
    remove: [guard('HandsOffStepUp')],
    unfound: 'a script does nothing of this in the exploration: test/infra/guards.test.ts',
  },
  {
    name: 'The ceiling: no changes of identities',
    remove: [guard('NoIdentityChanges')],
    unfound: 'a script does nothing of this in the exploration: test/infra/guards.test.ts',
  },
  {
    name: 'The ceiling: no tags of StepUp',
    remove: [guard('NoStepUpTags')],
    unfound: 'a script does nothing of this in the exploration: test/infra/guards.test.ts',
  },
  {
    name: 'The ceiling: no enrolment',
    remove: [guard('NoEnrolment')],
    unfound: 'a script does nothing of this in the exploration: test/infra/guards.test.ts',
  },
  {
    name: 'The ceiling: no darkness',
    remove: [guard('NoDarkness')],
    unfound: 'a script does nothing of this in the exploration: test/infra/guards.test.ts',
  },
  {
    name: 'The ceiling: no exchange of profiles',
    remove: [guard('NoProfileSwaps')],
    unfound: 'a script does nothing of this in the exploration: test/infra/guards.test.ts',
  },
];
