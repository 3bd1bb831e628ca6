import {
  AssociateIamInstanceProfileCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DisassociateIamInstanceProfileCommand,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { SendCommandCommand } from '@aws-sdk/client-ssm';
import { type Asset, allowed, ask, type Cell, type Deed, denied } from '../cell';
import {
  execution,
  functionName,
  GRANTED,
  here,
  INSTANCES,
  iam,
  instanceArn,
  lambda,
  machine,
  PROD,
  TEMPS,
} from '../places';

const reads: Deed = ({ s3 }) => s3.send(new GetObjectCommand(GRANTED));

/** Of either baseline; the temp role has AdministratorAccess as well, so that the ceiling alone stands in the way. */
const stopped = (against: Asset, attempt: string, deed: Deed, right: Deed = reads): Cell =>
  denied({ against, attempt, stoppedBy: 'the ceiling', deed, right });
const asked = (against: Asset, attempt: string, action: string, resource: string): Cell =>
  denied({ against, attempt, stoppedBy: 'the ceiling', deed: ask(action, resource) });

const tagging = (attempt: string, Key: string): Cell =>
  denied({
    against: 'instances that are not enrolled',
    attempt,
    stoppedBy: 'the ceiling',
    deed: ({ ec2 }) => ec2.send(new CreateTagsCommand({ Resources: [INSTANCES.plain], Tags: [{ Key, Value: 'x' }] })),
  });

const ENROLMENT: Cell[] = [
  tagging('write the tag stepup:grants on an instance', 'stepup:grants'),
  tagging('write the tag STEPUP:GRANTS, which IAM takes for the same', 'STEPUP:GRANTS'),
  tagging('write any tag that begins with stepup:', 'stepup:anything'),
  denied({
    against: 'instances that are not enrolled',
    attempt: 'remove the tag of an enrolled instance',
    stoppedBy: 'the ceiling',
    deed: ({ ec2 }) =>
      ec2.send(new DeleteTagsCommand({ Resources: [INSTANCES.lookalike], Tags: [{ Key: 'stepup:grants' }] })),
  }),
  denied({
    against: 'instances that are not enrolled',
    attempt: 'launch, by a call of its own, an instance that is enrolled from the start',
    stoppedBy: 'the ceiling',
    deed: ask('ec2:CreateTags', here('ec2', 'instance/*'), {
      'aws:TagKeys': ['Name', 'stepup:grants'],
      'ec2:CreateAction': 'RunInstances',
    }),
  }),
];

const STEPUP: Cell[] = [
  stopped('StepUp itself', 'start an elevation', ({ sfn }) =>
    sfn.send(new StartExecutionCommand({ stateMachineArn: machine(`${PROD}-elevation`), input: '{}' })),
  ),
  stopped('StepUp itself', 'stop its own run', ({ sfn }) =>
    sfn.send(new StopExecutionCommand({ executionArn: execution(`${PROD}-elevation:run`) })),
  ),
  stopped('StepUp itself', 'send the document of the proof', ({ ssm }) =>
    ssm.send(
      new SendCommandCommand({
        DocumentName: `${PROD}-ProveIdentity`,
        InstanceIds: [INSTANCES.enrolled],
        Parameters: { roleName: [TEMPS.open] },
      }),
    ),
  ),
  asked('StepUp itself', 'invoke a function', 'lambda:InvokeFunction', lambda(`${PROD}-restore:1`)),
  asked(
    'StepUp itself',
    'exchange the code of the function that stands before an upgrade',
    'lambda:UpdateFunctionCode',
    lambda(functionName('guardRelease')),
  ),
  asked(
    'StepUp itself',
    'delete what recover could not be told',
    'sqs:DeleteQueue',
    here('sqs', `${PROD}-dead-letters`),
  ),
  asked(
    'StepUp itself',
    'switch off an alarm',
    'cloudwatch:DisableAlarmActions',
    here('cloudwatch', `alarm:${PROD}-recoveries`),
  ),
  asked(
    'StepUp itself',
    'mute an alarm',
    'cloudwatch:PutAlarmMuteRule',
    here('cloudwatch', `alarm:${PROD}-SweepSilent`),
  ),
  stopped(
    'StepUp itself',
    'say in its place that sweep has finished',
    ask('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'StepUp' }),
  ),
  asked('StepUp itself', 'mask what is logged, in every log of the account', 'logs:PutAccountPolicy', '*'),
  asked(
    'StepUp itself',
    'update the stack of StepUp',
    'cloudformation:UpdateStack',
    here('cloudformation', 'stack/Prod/1'),
  ),
  asked(
    'StepUp itself',
    'delete the stack of StepUp',
    'cloudformation:DeleteStack',
    here('cloudformation', 'stack/Prod/1'),
  ),
];

const FOOTHOLDS: Cell[] = [
  denied({
    against: 'the profile of enrolled instances',
    attempt: 'take a temp profile off',
    stoppedBy: 'the ceiling',
    deed: async ({ ec2, association }) =>
      ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: await association(INSTANCES.carrier) })),
  }),
  denied({
    against: 'the profile of enrolled instances',
    attempt: 'replace a temp profile by another',
    stoppedBy: 'the ceiling',
    deed: async ({ ec2, association }) =>
      ec2.send(
        new ReplaceIamInstanceProfileAssociationCommand({
          AssociationId: await association(INSTANCES.elevated),
          IamInstanceProfile: { Name: 'theirs' },
        }),
      ),
  }),
  denied({
    against: 'temp roles of others',
    attempt: 'attach a temp profile to another instance',
    stoppedBy: 'the ceiling',
    deed: ({ ec2 }) =>
      ec2.send(
        new AssociateIamInstanceProfileCommand({
          InstanceId: INSTANCES.secondBare,
          IamInstanceProfile: { Name: TEMPS.open },
        }),
      ),
  }),
  ...(
    [
      ['have an older version of a managed policy count again', 'iam:SetDefaultPolicyVersion', iam('policy/customer')],
      ['let a foreign identity provider in', 'iam:CreateSAMLProvider', iam('saml-provider/mallory')],
      ['let a foreign OpenID provider in', 'iam:CreateOpenIDConnectProvider', iam('oidc-provider/mallory.example')],
      ['give a user a key for CodeCommit', 'iam:CreateServiceSpecificCredential', iam('user/victim')],
      ['give a user an SSH key', 'iam:UploadSSHPublicKey', iam('user/victim')],
      [
        'assign somebody an account in IAM Identity Center',
        'sso:CreateAccountAssignment',
        'arn:aws:sso:::account/123456789012',
      ],
      ['make a user of IAM Identity Center', 'identitystore:CreateUser', '*'],
      ['trust a certificate authority with roles', 'rolesanywhere:CreateTrustAnchor', '*'],
      ['let certificates assume a role', 'rolesanywhere:CreateProfile', '*'],
      ['leave the organization', 'organizations:LeaveOrganization', '*'],
    ] as const
  ).map(([attempt, action, resource]) => asked('IAM at large', attempt, action, resource)),
];

const AUDIT: Cell[] = (
  [
    ['delete an event data store', 'cloudtrail:DeleteEventDataStore', here('cloudtrail', 'eventdatastore/1')],
    ['redirect the trail', 'cloudtrail:UpdateTrail', here('cloudtrail', 'trail/all')],
    ['switch GuardDuty down', 'guardduty:UpdateDetector', here('guardduty', 'detector/1')],
    ["delete AWS Config's recorder", 'config:DeleteConfigurationRecorder', '*'],
    ["delete AWS Config's delivery channel", 'config:DeleteDeliveryChannel', '*'],
    [
      'delete an analyzer of IAM Access Analyzer',
      'access-analyzer:DeleteAnalyzer',
      here('access-analyzer', 'analyzer/a'),
    ],
  ] as const
).map(([attempt, action, resource]) => asked('the audit trail', attempt, action, resource));

const BOTH: Cell[] = [...ENROLMENT, ...STEPUP, ...FOOTHOLDS, ...AUDIT];

/** What root on the instance can do with them; the ceiling knows of no place but the instance that EC2 names in them. */
const copied: Cell = allowed({
  against: 'data',
  attempt: 'use credentials that were copied off the instance',
  residue:
    'they name the instance wherever they are used. sourceVpcRequired binds them to its VPC, where all calls go through endpoints',
  deed: reads,
});

export const withCore: Cell[] = [
  ...BOTH,
  stopped('data', 'write where its grant reads', ({ s3 }) =>
    s3.send(new PutObjectCommand({ ...GRANTED, Body: 'new' })),
  ),
  stopped('data', 'delete what its grant reads', ({ s3 }) => s3.send(new DeleteObjectCommand(GRANTED))),
  copied,
];

export const AS_ITS_ORIGINAL =
  'inherit means: what the original may. Ask for core, narrow inheritCeiling, or switch inherit off';

export const withInherit: Cell[] = [
  ...BOTH,
  copied,
  allowed({
    against: 'StepUp itself',
    attempt: "exchange the code of another deployment's function",
    residue: `${AS_ITS_ORIGINAL}. The ceiling names what belongs to its own deployment`,
    deed: ask('lambda:UpdateFunctionCode', lambda('staging-restore')),
  }),
  allowed({
    against: 'StepUp itself',
    attempt: 'say by a line in some log that sweep has finished',
    residue:
      'a line in the embedded metric format is a metric of any namespace, and IAM has no key for what a line says',
    deed: ask('logs:PutLogEvents', here('logs', 'log-group:/app:log-stream:x')),
  }),
  allowed({
    against: 'instances that are not enrolled',
    attempt: 'have an Auto Scaling group launch instances that are enrolled from the start',
    residue: "the tags in its launch template are data, and it launches under Auto Scaling's own role",
    deed: ask('autoscaling:CreateAutoScalingGroup', here('autoscaling', 'autoScalingGroup:*:autoScalingGroupName/x')),
  }),
  allowed({
    against: 'original roles',
    attempt: 'make a function under a role that the original may pass',
    residue: AS_ITS_ORIGINAL,
    deed: ask('lambda:CreateFunction', lambda('mallory')),
  }),
];

/** The credentials of one moment and place, which are worth nothing in another. */
export const elsewhere: Cell[] = [
  denied({
    against: 'data',
    attempt: 'use the grant with credentials that EC2 delivered to another instance',
    stoppedBy: 'the ceiling',
    deed: reads,
    right: reads,
    rightBy: 'a script with core',
  }),
];
export const afterTheRun: Cell[] = [
  denied({
    against: 'data',
    attempt: 'use the grant after the restore, while the role drains',
    stoppedBy: 'the grant is taken',
    deed: reads,
    right: ask('ssm:UpdateInstanceInformation', instanceArn(INSTANCES.core)),
  }),
];
export const afterTheExpiry: Cell[] = [
  denied({
    against: 'data',
    attempt: 'use the grant after its end, although nobody restored',
    stoppedBy: 'the expiry',
    deed: reads,
    right: ask('ssm:UpdateInstanceInformation', instanceArn(INSTANCES.core)),
  }),
];
