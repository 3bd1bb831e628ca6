import { CreateTagsCommand } from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { ask, type Cell, denied } from '../cell';
import {
  ACCOUNT_TRUST,
  ADMINISTRATOR,
  EVERYTHING,
  here,
  INSTANCES,
  iam,
  lambda,
  machine,
  PROD,
  role,
  TEMPS,
} from '../places';
import { AS_THE_ORIGINAL, assume } from './asTheOriginal';

const NOBODY = 'no permission; the ceiling';
const Tags = [{ Key: 'stepup:grants', Value: 'run-remote-script' }];

/** Identities: what nobody may do, whoever of the table it is. */
const IDENTITIES: Cell[] = [
  denied({
    against: 'original roles',
    attempt: 'attach AdministratorAccess to an original role',
    stoppedBy: NOBODY,
    deed: ({ iam }) => iam.send(new AttachRolePolicyCommand({ RoleName: 'app', PolicyArn: ADMINISTRATOR })),
  }),
  denied({
    against: 'original roles',
    attempt: 'let the whole account assume an original role',
    stoppedBy: NOBODY,
    deed: ({ iam }) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'app', PolicyDocument: ACCOUNT_TRUST })),
  }),
  denied({
    against: 'IAM at large',
    attempt: 'make a user',
    stoppedBy: NOBODY,
    deed: ({ iam }) => iam.send(new CreateUserCommand({ UserName: 'mallory' })),
  }),
  denied({
    against: 'IAM at large',
    attempt: 'make an access key for a user',
    stoppedBy: NOBODY,
    deed: ({ iam }) => iam.send(new CreateAccessKeyCommand({ UserName: 'victim' })),
  }),
  denied({
    against: 'IAM at large',
    attempt: 'give a user a policy',
    stoppedBy: NOBODY,
    deed: ({ iam }) =>
      iam.send(new PutUserPolicyCommand({ UserName: 'victim', PolicyName: 'all', PolicyDocument: EVERYTHING })),
  }),
  denied({
    against: 'IAM at large',
    attempt: 'give a user a password',
    stoppedBy: NOBODY,
    deed: ask('iam:CreateLoginProfile', iam('user/victim')),
  }),
  denied({
    against: 'IAM at large',
    attempt: 'make a role outside our path, without a ceiling',
    stoppedBy: NOBODY,
    deed: ({ iam }) =>
      iam.send(new CreateRoleCommand({ RoleName: 'foothold', AssumeRolePolicyDocument: ACCOUNT_TRUST })),
  }),
  denied({
    against: 'IAM at large',
    attempt: 'write a new version of a managed policy',
    stoppedBy: NOBODY,
    deed: ask('iam:CreatePolicyVersion', iam('policy/customer')),
  }),
];

const RECORD_AND_CEILING: Cell[] = [
  denied({
    against: 'the record',
    attempt: 'write another original into a record',
    stoppedBy: NOBODY,
    deed: ({ iam }) =>
      iam.send(new TagRoleCommand({ RoleName: TEMPS.open, Tags: [{ Key: 'stepup:original', Value: 'none' }] })),
  }),
  denied({
    against: 'the record',
    attempt: 'remove a tag of a record',
    stoppedBy: NOBODY,
    deed: ({ iam }) => iam.send(new UntagRoleCommand({ RoleName: TEMPS.open, TagKeys: ['stepup:instance-arn'] })),
  }),
  denied({
    against: 'the ceiling',
    attempt: 'exchange the ceiling of a temp role',
    stoppedBy: NOBODY,
    deed: ({ iam }) =>
      iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: TEMPS.closing, PermissionsBoundary: ADMINISTRATOR })),
  }),
  denied({
    against: 'the ceiling',
    attempt: 'take the ceiling off a temp role',
    stoppedBy: NOBODY,
    deed: ({ iam }) => iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: TEMPS.closing })),
  }),
  denied({
    against: 'the ceiling',
    attempt: 'delete a ceiling',
    stoppedBy: NOBODY,
    deed: async ({ iam, ceiling }) =>
      iam.send(new DeletePolicyCommand({ PolicyArn: await ceiling(PROD, 'read-bucket-prefix') })),
  }),
  denied({
    against: 'the ceiling',
    attempt: 'write a new version of a ceiling',
    stoppedBy: NOBODY,
    deed: ask('iam:CreatePolicyVersion', iam(`policy/stepup/ceilings/${PROD}/${PROD}-inherit-00000000`)),
  }),
];

const OF_STEPUP: Cell[] = [
  denied({
    against: 'StepUp itself',
    attempt: "assume a function's role",
    stoppedBy: 'trust: Lambda alone; no permission; the ceiling',
    deed: ({ sts }) => sts.send(assume(role(`${PROD}-restore`))),
    right: ({ sts }) => sts.send(assume(role('reachable'))),
    rightBy: 'an administrator',
  }),
  denied({
    against: 'StepUp itself',
    attempt: 'give the own role a policy',
    stoppedBy: NOBODY,
    deed: ({ iam, me }) =>
      iam.send(new PutRolePolicyCommand({ RoleName: me, PolicyName: 'all', PolicyDocument: EVERYTHING })),
  }),
  denied({
    against: 'StepUp itself',
    attempt: "give a function's role a policy",
    stoppedBy: NOBODY,
    deed: ({ iam }) =>
      iam.send(
        new PutRolePolicyCommand({ RoleName: `${PROD}-restore`, PolicyName: 'all', PolicyDocument: EVERYTHING }),
      ),
  }),
  denied({
    against: 'StepUp itself',
    attempt: "let others assume a function's role",
    stoppedBy: NOBODY,
    deed: ({ iam }) =>
      iam.send(
        new UpdateAssumeRolePolicyCommand({ RoleName: `${PROD}-captureProfile`, PolicyDocument: ACCOUNT_TRUST }),
      ),
  }),
  ...(
    [
      ['exchange the code of a function', 'lambda:UpdateFunctionCode', lambda(`${PROD}-restore`)],
      ['let others invoke a function', 'lambda:AddPermission', lambda(`${PROD}-restore`)],
      ['delete a function', 'lambda:DeleteFunction', lambda(`${PROD}-sweep`)],
      ['rewrite a state machine', 'states:UpdateStateMachine', machine(`${PROD}-elevation`)],
      ['delete a state machine', 'states:DeleteStateMachine', machine(`${PROD}-recovery`)],
      ['disable the rule that starts recover', 'events:DisableRule', here('events', `rule/${PROD}-recover`)],
      ['take the target from the rule of sweep', 'events:RemoveTargets', here('events', `rule/${PROD}-sweep`)],
      ['empty a queue', 'sqs:PurgeQueue', here('sqs', `${PROD}-dead-letters`)],
      ['rewrite the document of the proof', 'ssm:UpdateDocument', here('ssm', `document/${PROD}-ProveIdentity`)],
      ['rewrite a grant as it is shown', 'ssm:PutParameter', here('ssm', `parameter/stepup/${PROD}/grants/x`)],
    ] as const
  ).map(([attempt, action, resource]) =>
    denied({ against: 'StepUp itself', attempt, stoppedBy: NOBODY, deed: ask(action, resource) }),
  ),
];

const TEMP_ROLES: Cell[] = [
  denied({
    against: 'temp roles of others',
    attempt: 'let others assume a temp role',
    stoppedBy: NOBODY,
    deed: ({ iam }) =>
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: TEMPS.open, PolicyDocument: ACCOUNT_TRUST })),
  }),
  denied({
    against: 'temp roles of others',
    attempt: 'have a temp role issue longer sessions',
    stoppedBy: NOBODY,
    deed: ({ iam }) => iam.send(new UpdateRoleCommand({ RoleName: TEMPS.open, MaxSessionDuration: 43_200 })),
  }),
];

/** Who may tag instances may do this one of all: it is who may enrol. */
export const ENROLLING: Cell = denied({
  against: 'instances that are not enrolled',
  attempt: 'enrol an instance',
  stoppedBy: NOBODY,
  deed: ({ ec2 }) => ec2.send(new CreateTagsCommand({ Resources: [INSTANCES.bare], Tags })),
});

const AUDIT: Cell[] = (
  [
    ['stop the trail', 'cloudtrail:StopLogging', here('cloudtrail', 'trail/all')],
    ['delete the trail', 'cloudtrail:DeleteTrail', here('cloudtrail', 'trail/all')],
    ['have the trail leave events out', 'cloudtrail:PutEventSelectors', here('cloudtrail', 'trail/all')],
    ['switch GuardDuty off', 'guardduty:DeleteDetector', here('guardduty', 'detector/1')],
    ['stop the recorder of AWS Config', 'config:StopConfigurationRecorder', '*'],
    ['delete flow logs', 'ec2:DeleteFlowLogs', here('ec2', 'vpc-flow-log/fl-1')],
    ['switch Security Hub off', 'securityhub:DisableSecurityHub', here('securityhub', 'hub/default')],
  ] as const
).map(([attempt, action, resource]) =>
  denied({ against: 'the audit trail', attempt, stoppedBy: NOBODY, deed: ask(action, resource) }),
);

/** What nobody of the table may do, with the exceptions that it names. */
export const EVERYONE: Cell[] = [
  ...IDENTITIES,
  ...AS_THE_ORIGINAL,
  ENROLLING,
  ...RECORD_AND_CEILING,
  ...OF_STEPUP,
  ...TEMP_ROLES,
  ...AUDIT,
];
