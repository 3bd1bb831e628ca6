import { createIds } from '../world';
import { identityPolicy } from './policyDocument';
import type { Policy } from './store';

/** An AWS managed policy as AWS publishes it, in its default version. */
interface Published {
  description: string;
  version: string;
  created: string;
  updated: string;
  statements: object[];
}

const SSM_AGENT =
  'ssm:ListAssociations ssm:ListInstanceAssociations ssm:PutInventory ssm:PutComplianceItems ' +
  'ssm:PutConfigurePackageResult ssm:UpdateAssociationStatus ssm:UpdateInstanceAssociationStatus ' +
  'ssm:UpdateInstanceInformation';
const SSM_DOCUMENTS =
  'ssm:DescribeAssociation ssm:GetDeployablePatchSnapshotForInstance ssm:GetDocument ssm:DescribeDocument ssm:GetManifest';
const CHANNELS =
  'ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel ssmmessages:OpenDataChannel';
const MESSAGES =
  'ec2messages:AcknowledgeMessage ec2messages:DeleteMessage ec2messages:FailMessage ec2messages:GetEndpoint ' +
  'ec2messages:GetMessages ec2messages:SendReply';
const LOGS =
  'logs:PutLogEvents logs:PutRetentionPolicy logs:DescribeLogStreams logs:DescribeLogGroups logs:CreateLogStream ' +
  'logs:CreateLogGroup';
const XRAY =
  'xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets ' +
  'xray:GetSamplingStatisticSummaries';
const LINKED_ROLES = ['autoscaling', 'ec2scheduled', 'elasticloadbalancing', 'spot', 'spotfleet', 'transitgateway'];

/** Those that exist from the start; SSM's also in aws-facts-2 17.2. */
const PUBLISHED: Record<string, Published> = {
  '/AdministratorAccess': {
    description: 'Provides full access to AWS services and resources.',
    version: 'v1',
    created: '2015-02-06T18:39:46Z',
    updated: '2015-02-06T18:39:46Z',
    statements: [allow('*')],
  },
  '/AmazonEC2FullAccess': {
    description: 'Provides full access to Amazon EC2 via the AWS Management Console.',
    version: 'v5',
    created: '2015-02-06T18:40:15Z',
    updated: '2018-11-27T02:16:56Z',
    statements: [
      ...['ec2:*', 'elasticloadbalancing:*', 'cloudwatch:*', 'autoscaling:*'].map((action) => allow(action)),
      allow('iam:CreateServiceLinkedRole', {
        Condition: {
          StringEquals: { 'iam:AWSServiceName': LINKED_ROLES.map((service) => `${service}.amazonaws.com`) },
        },
      }),
    ],
  },
  '/AmazonS3ReadOnlyAccess': {
    description: 'Provides read only access to all buckets via the AWS Management Console.',
    version: 'v3',
    created: '2015-02-06T18:40:59Z',
    updated: '2023-08-10T21:31:39Z',
    statements: [allow('s3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*')],
  },
  '/AmazonSSMManagedInstanceCore': {
    description: 'The policy for Amazon EC2 Role to enable AWS Systems Manager service core functionality.',
    version: 'v2',
    created: '2019-03-15T17:22:12Z',
    updated: '2019-05-23T16:54:21Z',
    statements: [
      allow(`${SSM_DOCUMENTS} ssm:GetParameter ssm:GetParameters ${SSM_AGENT}`),
      allow(CHANNELS),
      allow(MESSAGES),
    ],
  },
  '/AmazonSSMManagedEC2InstanceDefaultPolicy': {
    description: 'This policy enables AWS Systems Manager functionality on EC2 instances.',
    version: 'v2',
    created: '2022-08-30T20:54:27Z',
    updated: '2024-07-16T18:14:07Z',
    statements: [
      allow(`${SSM_DOCUMENTS} ${SSM_AGENT}`, { Sid: 'AllowSSMAgentPermissions' }),
      allow(CHANNELS, { Sid: 'AllowSSMChannelMessaging' }),
      allow(MESSAGES, { Sid: 'AllowSSMLegacyMessaging' }),
    ],
  },
  '/AmazonSSMDirectoryServiceAccess': {
    description:
      'This policy allows SSM Agent to access Directory Service on behalf of the customer to domain-join the managed instance.',
    version: 'v1',
    created: '2019-03-15T17:44:38Z',
    updated: '2019-03-15T17:44:38Z',
    statements: [allow('ds:CreateComputer ds:DescribeDirectories')],
  },
  '/CloudWatchAgentServerPolicy': {
    description: 'Permissions required to use AmazonCloudWatchAgent on servers',
    version: 'v3',
    created: '2018-03-07T01:06:44Z',
    updated: '2024-02-06T16:37:37Z',
    statements: [
      allow(`cloudwatch:PutMetricData ec2:DescribeVolumes ec2:DescribeTags ${LOGS} ${XRAY}`, {
        Sid: 'CWACloudWatchServerPermissions',
      }),
      allow('ssm:GetParameter', {
        Sid: 'CWASSMServerPermissions',
        Resource: 'arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*',
      }),
    ],
  },
  '/service-role/AWSLambdaBasicExecutionRole': {
    description: 'Provides write permissions to CloudWatch Logs.',
    version: 'v1',
    created: '2015-04-09T15:03:43Z',
    updated: '2015-04-09T15:03:43Z',
    statements: [allow('logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents')],
  },
};

function allow(actions: string, more: { Sid?: string; Resource?: string; Condition?: object } = {}) {
  const Action = actions.includes(' ') ? actions.split(' ') : actions;
  return { Effect: 'Allow', Action, Resource: '*', ...more };
}

export function managedPolicies(partition: string): Map<string, Policy> {
  const policies = Object.entries(PUBLISHED).map(([pathAndName, published]): [string, Policy] => {
    const arn = `arn:${partition}:iam::aws:policy${pathAndName}`;
    const name = pathAndName.slice(pathAndName.lastIndexOf('/') + 1);
    const policy = {
      key: arn,
      name,
      path: pathAndName.slice(0, -name.length),
      id: createIds(arn).unique('ANPA'),
      arn,
      created: new Date(published.created),
      updated: new Date(published.updated),
      tags: {},
      document: identityPolicy(JSON.stringify({ Version: '2012-10-17', Statement: published.statements })),
      version: published.version,
      description: published.description,
    };
    return [arn, policy];
  });
  return new Map(policies);
}
