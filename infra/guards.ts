import type { Statement } from '../state-machine/catalogue';

/**
 * Every ceiling: credentials that EC2 delivered to another instance than the role's own are worth nothing. Only direct
 * calls with the key present are compared (aws-facts-2 15.3); a role without the tag is compared with an ARN that no
 * instance has.
 */
export const ceilingGuards = (): Statement[] => [
  {
    Sid: 'OnlyOnItsInstance',
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: {
      ArnNotEquals: {
        'ec2:SourceInstanceARN': "${aws:PrincipalTag/stepup:instance-arn, 'arn:none:ec2:::instance/none'}",
      },
      Null: { 'ec2:SourceInstanceARN': 'false' },
      BoolIfExists: { 'aws:ViaAWSService': 'false' },
    },
  },
];

const verbs = (service: string, names: string): string[] => names.split(' ').map((name) => `${service}:${name}`);

/** IAM, Organizations and Account have no common ARN: what changes them is listed by verb, so that reading stays. */
const IDENTITY_CHANGES = [
  ...verbs('iam', 'Accept* Add* Associate* Attach* Change* Create* Deactivate* Delete* Detach* Disable* Enable*'),
  ...verbs('iam', 'Put* Reject* Remove* Reset* Resync* Send* Set* Tag* Untag* Update* Upload*'),
  ...verbs('organizations', 'Accept* Attach* Cancel* Close* Create* Decline* Delete* Deregister* Detach* Disable*'),
  ...verbs('organizations', 'Enable* Invite* Leave* Move* Put* Register* Remove* Tag* Untag* Update*'),
  ...verbs('account', 'Accept* Delete* Disable* Enable* Put* Start*'),
];

/** The ceiling of `inherit`, which else allows everything. */
export const inheritGuards = (): Statement[] => [
  { Sid: 'NoIdentityChanges', Effect: 'Deny', Action: IDENTITY_CHANGES, Resource: '*' },
  {
    Sid: 'HandsOffStepUp',
    Effect: 'Deny',
    Action: '*',
    Resource: [
      'arn:${partition}:iam::${account}:role/stepup/*',
      'arn:${partition}:iam::${account}:role/${deployment}-*',
      'arn:${partition}:iam::${account}:policy/stepup/*',
      'arn:${partition}:iam::${account}:instance-profile/stepup/*',
      'arn:${partition}:lambda:*:${account}:function:${deployment}-*',
      'arn:${partition}:states:*:${account}:*:${deployment}-*',
      'arn:${partition}:events:*:${account}:rule/${deployment}-*',
      'arn:${partition}:ssm:*:${account}:document/${deployment}-*',
      'arn:${partition}:ssm:*:${account}:parameter/stepup/*',
    ],
  },
  {
    Sid: 'NoStepUpTags',
    Effect: 'Deny',
    Action: ['ec2:CreateTags', 'ec2:DeleteTags'],
    Resource: '*',
    Condition: { 'ForAnyValue:StringLike': { 'aws:TagKeys': 'stepup:*' } },
  },
  {
    Sid: 'NoDarkness',
    Effect: 'Deny',
    Action: verbs(
      'cloudtrail',
      'StopLogging DeleteTrail UpdateTrail Put*Selectors StopEventDataStoreIngestion DeleteEventDataStore',
    ),
    Resource: '*',
  },
];
