import { expect } from '@jest/globals';
import { answers, type Chain, denied, type Last, refuses, TIME } from '../example';

const INSTANCE = 'i-0123456789abcdef0';
const UNMANAGED = 'i-0fedcba9876543210';
const NOBODYS = '00000000-0000-4000-8000-000000000000';
const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const core = { RoleName: 'core', PolicyArn: 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore' };
const inProfile = { RoleName: 'core', InstanceProfileName: 'core' };

const shell = (commands: string[], more: object = {}) => ({
  InstanceIds: [INSTANCE],
  DocumentName: 'AWS-RunShellScript',
  Parameters: { commands, executionTimeout: ['172800'] },
  ...more,
});
const greet = shell(['echo hello', 'echo oops >&2', 'exit 3'], { Comment: 'a greeting', TimeoutSeconds: 600 });
const isFinal = ({ Status }: { Status: string }) => !['Pending', 'InProgress', 'Cancelling'].includes(Status);
const sent = (last: Last) => ({ CommandId: last('SendCommand').Command.CommandId });
const invocation = (last: Last) => ({ ...sent(last), InstanceId: INSTANCE });
const COMMAND = expect.stringMatching(/^\(uuid/);
const common = {
  CommandId: COMMAND,
  DocumentName: 'AWS-RunShellScript',
  DocumentVersion: '$DEFAULT',
  Comment: 'a greeting',
  CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
};
const command = (Status: string, more: object) => ({
  ...common,
  ExpiresAfter: TIME,
  Parameters: greet.Parameters,
  InstanceIds: [INSTANCE],
  Targets: [],
  RequestedDateTime: TIME,
  Status,
  StatusDetails: Status,
  OutputS3Region: 'us-east-1',
  OutputS3BucketName: '',
  OutputS3KeyPrefix: '',
  MaxConcurrency: '50',
  MaxErrors: '0',
  TargetCount: 1,
  DeliveryTimedOutCount: 0,
  ServiceRole: '',
  NotificationConfig: { NotificationArn: '', NotificationEvents: [] },
  TimeoutSeconds: 600,
  AlarmConfiguration: { Alarms: [], IgnorePollAlarmFailure: false },
  TriggeredAlarms: [],
  ...more,
});

export const ssm: Chain = {
  service: 'ssm',
  seed: async ({ asRoot, clock, ec2 }) => {
    await asRoot('iam', 'CreateRole', { RoleName: 'core', AssumeRolePolicyDocument: JSON.stringify(trust) });
    await asRoot('iam', 'AttachRolePolicy', core);
    await asRoot('iam', 'CreateInstanceProfile', inProfile);
    await asRoot('iam', 'AddRoleToInstanceProfile', inProfile);
    await clock.sleep(1_000);
    ec2.addInstance({ id: INSTANCE, profile: 'core' });
    ec2.addInstance({ id: UNMANAGED });
  },
  examples: [
    answers(
      'DescribeInstanceInformation',
      {},
      {
        InstanceInformationList: [
          expect.objectContaining({
            InstanceId: INSTANCE,
            PingStatus: 'Online',
            LastPingDateTime: TIME,
            PlatformType: 'Linux',
            ResourceType: 'EC2Instance',
            SourceId: INSTANCE,
            SourceType: 'AWS::EC2::Instance',
          }),
        ],
      },
      { until: ({ InstanceInformationList }) => InstanceInformationList.length > 0 },
    ),
    answers(
      'DescribeInstanceInformation',
      { Filters: [{ Key: 'InstanceIds', Values: [UNMANAGED] }] },
      {
        InstanceInformationList: [],
      },
    ),
    refuses(
      'DescribeInstanceInformation',
      { Filters: [{ Key: 'Colour', Values: ['red'] }] },
      'InvalidFilterKey',
      'Colour filter Key is invalid.',
    ),
    denied('ssm', 'DescribeInstanceInformation'),
    answers('GetConnectionStatus', { Target: INSTANCE }, { Target: INSTANCE, Status: 'connected' }),
    answers('GetConnectionStatus', { Target: UNMANAGED }, { Target: UNMANAGED, Status: 'notconnected' }),
    denied('ssm', 'GetConnectionStatus', { Target: INSTANCE }),
    answers(
      'DescribeDocument',
      { Name: 'AWS-RunShellScript' },
      {
        Document: expect.objectContaining({
          Name: 'AWS-RunShellScript',
          Owner: 'Amazon',
          Status: 'Active',
          DocumentType: 'Command',
          SchemaVersion: '1.2',
          Parameters: expect.arrayContaining([expect.objectContaining({ Name: 'commands', Type: 'StringList' })]),
        }),
      },
    ),
    refuses('DescribeDocument', { Name: 'AWS-Nothing' }, 'InvalidDocument'),
    denied('ssm', 'DescribeDocument', { Name: 'AWS-RunShellScript' }),

    answers('SendCommand', greet, { Command: command('Pending', { CompletedCount: 0, ErrorCount: 0 }) }),
    refuses(
      'SendCommand',
      { ...greet, InstanceIds: [UNMANAGED] },
      'InvalidInstanceId',
      expect.stringContaining('not in a valid state for account'),
    ),
    refuses('SendCommand', { ...greet, DocumentName: 'AWS-Nothing' }, 'InvalidDocument'),
    refuses('SendCommand', { ...greet, Parameters: { command: ['ls'] } }, 'InvalidParameters'),
    denied('ssm', 'SendCommand', greet),
    answers(
      'GetCommandInvocation',
      invocation,
      {
        ...common,
        InstanceId: INSTANCE,
        PluginName: 'aws:runShellScript',
        ResponseCode: 3,
        ExecutionStartDateTime: TIME,
        ExecutionElapsedTime: '(duration)',
        ExecutionEndDateTime: TIME,
        Status: 'Failed',
        StatusDetails: 'Failed',
        StandardOutputContent: 'hello\n',
        StandardOutputUrl: '',
        StandardErrorContent: expect.stringMatching(/^oops\n/),
        StandardErrorUrl: '',
      },
      { until: isFinal },
    ),
    refuses('GetCommandInvocation', { CommandId: NOBODYS, InstanceId: INSTANCE }, 'InvocationDoesNotExist'),
    denied('ssm', 'GetCommandInvocation', invocation),
    answers('ListCommands', sent, { Commands: [command('Failed', { CompletedCount: 1, ErrorCount: 1 })] }),
    answers('ListCommands', { CommandId: NOBODYS }, { Commands: [] }),
    refuses('ListCommands', { Filters: [{ key: 'Status', value: 'Success' }], NextToken: 'mine' }, 'InvalidNextToken'),
    denied('ssm', 'ListCommands'),
    answers('ListCommandInvocations', (last) => ({ ...sent(last), Details: true }), {
      CommandInvocations: [
        expect.objectContaining({
          ...common,
          InstanceId: INSTANCE,
          RequestedDateTime: TIME,
          Status: 'Failed',
          CommandPlugins: [
            expect.objectContaining({
              Name: 'aws:runShellScript',
              Status: 'Failed',
              ResponseCode: 3,
              ResponseStartDateTime: TIME,
              Output: expect.stringMatching(/^hello\n\n----------ERROR-------\noops\n/),
            }),
          ],
        }),
      ],
    }),
    refuses('ListCommandInvocations', { NextToken: 'mine' }, 'InvalidNextToken'),
    denied('ssm', 'ListCommandInvocations'),

    answers('SendCommand', shell(['sleep 600']), {
      Command: expect.objectContaining({ Status: 'Pending', Comment: '' }),
    }),
    answers('GetCommandInvocation', invocation, expect.objectContaining({ Status: 'InProgress', ResponseCode: -1 }), {
      until: ({ Status }) => Status === 'InProgress',
    }),
    denied('ssm', 'CancelCommand', sent),
    answers('CancelCommand', sent, {}),
    refuses('CancelCommand', { CommandId: NOBODYS }, 'InvalidCommandId', expect.stringMatching(/does not exist\.$/)),
    answers('GetCommandInvocation', invocation, expect.objectContaining({ Status: 'Cancelled', ResponseCode: 137 }), {
      until: isFinal,
    }),
  ],
};
