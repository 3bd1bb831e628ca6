import type { Statement } from '../state-machine/catalogue';
import { METRICS_NAMESPACE } from '../state-machine/metrics';
import type { Settings } from './config';

const verbs = (service: string, names: string): string[] => names.split(' ').map((name) => `${service}:${name}`);
const own = (service: string, region: string, resource: string): string =>
  `arn:\${partition}:${service}:${region}:\${account}:${resource}`;

export type GuardSettings = Pick<Settings, 'sourceInstanceRequired' | 'sourceVpcRequired'>;

/**
 * Which instance a call comes from: credentials that EC2 delivered to another instance than the role's own are worth nothing.
 * Calls that a service makes for the role are let through: they lack some of the keys (aws-facts-2 15.3).
 */
export const sourceGuards = ({ sourceInstanceRequired, sourceVpcRequired }: GuardSettings): Statement[] => [
  {
    Sid: 'OnlyOnItsInstance',
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: {
      // A role without the tag is compared with an ARN that no instance has.
      ArnNotEquals: {
        'ec2:SourceInstanceARN': "${aws:PrincipalTag/stepup:instance-arn, 'arn:none:ec2:::instance/none'}",
      },
      Null: { 'ec2:SourceInstanceARN': 'false' },
      BoolIfExists: { 'aws:ViaAWSService': 'false' },
    },
  },
  ...(sourceInstanceRequired ? [ONLY_FROM_AN_INSTANCE] : []),
  ...(sourceVpcRequired ? [ONLY_FROM_ITS_VPC] : []),
];

/** Credentials of EC2 always carry the key in direct calls: aws-facts-2 15.1, which has it from one account and service. */
const ONLY_FROM_AN_INSTANCE: Statement = {
  Sid: 'OnlyFromAnInstance',
  Effect: 'Deny',
  Action: '*',
  Resource: '*',
  Condition: { Null: { 'ec2:SourceInstanceARN': 'true' }, BoolIfExists: { 'aws:ViaAWSService': 'false' } },
};

/** AWS's own policy against copied credentials (aws-facts-2 15.2). Without an endpoint aws:SourceVpc is absent: denied. */
const ONLY_FROM_ITS_VPC: Statement = {
  Sid: 'OnlyFromItsVpc',
  Effect: 'Deny',
  Action: '*',
  Resource: '*',
  Condition: {
    StringNotEquals: { 'aws:SourceVpc': '${aws:Ec2InstanceSourceVpc}' },
    Null: { 'ec2:SourceInstanceARN': 'false' },
    BoolIfExists: { 'aws:ViaAWSService': 'false' },
  },
};

/**
 * What changes who may do what. These services have no common ARN: listed by verb, so that reading stays. sts needs nothing here:
 * what a role gets there ends by itself, within an hour (aws-facts-2 10.2).
 */
export const IDENTITY_CHANGES: readonly string[] = [
  // Short, for room. Reading begins with Generate, Get, List and Simulate; PassRole stays.
  ...verbs('iam', 'A* C* D* E* Put* R* Se* T* U*'),
  // Reading begins with Describe and List.
  ...verbs('organizations', 'A* C* Dec* Del* Der* Det* Di* E* I* Le* M* P* R* T* U*'),
  ...verbs('account', 'A* C* D* E* P* S*'),
  // Reading begins with Describe, Get, Is, List and Search there.
  ...verbs('sso', 'A* C* Del* Det* Di* Im* P* R* St* T* U*'),
  ...verbs('sso-directory', 'A* C* Del* Di* E* Im* R* St* U* V*'),
  ...verbs('identitystore', 'A* C* Del* R* U*'),
  // Ways in from outside, with certificates. Reading begins with Get and List.
  ...verbs('rolesanywhere', 'C* D* E* I* P* R* T* U*'),
];

/** The audit trail: recording stopped or redirected, findings dropped or hidden. */
export const DARKNESS: readonly string[] = [
  ...verbs('cloudtrail', 'Delete* Put* Stop* Update*'),
  ...verbs('config', 'Delete* Disassociate* Put*Recorder PutDeliveryChannel PutRetentionConfiguration Stop*'),
  ...verbs('guardduty', 'Archive* CreateFilter CreateIPSet CreateTrusted* Delete* Dis* Stop* Update*'),
  ...verbs('securityhub', 'BatchD* BatchUpdate* CreateAutomation* Delete* Dis* StartConfig* Update*'),
  ...verbs('access-analyzer', 'ApplyArchiveRule CreateArchiveRule Delete* Update*'),
  'macie2:Disable*',
  'inspector2:Disable*',
  'detective:Delete*',
  'ec2:DeleteFlowLogs',
];

/** They are about every log group of the account, ours too, and know no resources: what is in a log may be masked or left out. */
const ACCOUNT_POLICIES = ['logs:PutAccountPolicy', 'logs:DeleteAccountPolicy'];

/**
 * All that StepUp is made of. CloudFormation makes the names of log groups from `${stack}` and `${construct}`; guardRelease is older than
 * any deployment of its stack, and has its name from that.
 */
export const OF_STEPUP: readonly string[] = [
  own('iam', '', 'role/stepup/*'),
  own('iam', '', 'role/${deployment}-*'),
  own('iam', '', 'policy/stepup/*'),
  own('iam', '', 'instance-profile/stepup/*'),
  own('lambda', '*', 'function:${deployment}-*'),
  own('iam', '', 'role/${stack}-*guardRelease*'),
  own('lambda', '*', 'function:${stack}-*guardRelease*'),
  own('states', '*', '*:${deployment}-*'),
  own('events', '*', 'rule/${deployment}-*'),
  own('scheduler', '*', 'schedule*/${deployment}*'),
  own('ssm', '*', 'document/${deployment}-*'),
  own('ssm', '*', 'parameter/stepup/*'),
  own('sqs', '*', '${deployment}-dead-letters'),
  own('sns', '*', '${deployment}-alarms*'),
  own('cloudwatch', '*', 'alarm:${deployment}-*'),
  own('cloudwatch', '', 'dashboard/${deployment}*'),
  own('logs', '*', 'log-group:${stack}-${construct}*Logs*'),
  own('cloudformation', '*', 'stack/${stack}/*'),
];

/** What would outlive or undermine the elevation. */
export const GUARDS: Statement[] = [
  { Sid: 'NoIdentityChanges', Effect: 'Deny', Action: [...IDENTITY_CHANGES], Resource: '*' },
  { Sid: 'NoDarkness', Effect: 'Deny', Action: [...DARKNESS], Resource: '*' },
  { Sid: 'HandsOffStepUp', Effect: 'Deny', Action: '*', Resource: [...OF_STEPUP] },
  { Sid: 'NoAccountPolicies', Effect: 'Deny', Action: ACCOUNT_POLICIES, Resource: '*' },
  {
    // Our alarms are told by what we write there. An EMF line in a log writes there, too: docs/security.md, 'Not defended'.
    Sid: 'NoForgedMetrics',
    Effect: 'Deny',
    Action: 'cloudwatch:PutMetricData',
    Resource: '*',
    Condition: { StringEquals: { 'cloudwatch:namespace': METRICS_NAMESPACE } },
  },
  {
    Sid: 'NoStepUpTags',
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: { 'ForAnyValue:StringLike': { 'aws:TagKeys': 'stepup:*' } },
  },
  {
    // IAM compares the key of ec2:ResourceTag without regard to case, and this operator knows no wildcards.
    Sid: 'NoEnrolment',
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: { 'ForAnyValue:StringEqualsIgnoreCase': { 'aws:TagKeys': 'stepup:grants' } },
  },
  {
    // To attach one of ours takes the right to pass its role, which is denied above.
    Sid: 'NoProfileSwaps',
    Effect: 'Deny',
    Action: ['ec2:DisassociateIamInstanceProfile', 'ec2:ReplaceIamInstanceProfileAssociation'],
    Resource: '*',
    Condition: { ArnLike: { 'ec2:InstanceProfile': own('iam', '', 'instance-profile/stepup/*') } },
  },
];

/** Denied whatever it is done to, and always: in a grant it could only be a mistake. */
export const DENIED_ACTIONS: readonly string[] = [...IDENTITY_CHANGES, ...DARKNESS, ...ACCOUNT_POLICIES];

/** Taken, whatever the settings: functions/common/preflight goes by them. */
export const GUARD_SIDS: readonly string[] = [
  ...sourceGuards({ sourceInstanceRequired: true, sourceVpcRequired: true }),
  ...GUARDS,
].map(({ Sid = '' }) => Sid);
