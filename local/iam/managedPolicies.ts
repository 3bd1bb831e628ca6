import { createIds } from '../world';
import { identityPolicy } from './policyDocument';
import type { Policy } from './store';

const SSM_CORE =
  'DescribeAssociation GetDeployablePatchSnapshotForInstance GetDocument DescribeDocument GetManifest ' +
  'ListAssociations ListInstanceAssociations PutInventory PutComplianceItems PutConfigurePackageResult ' +
  'UpdateAssociationStatus UpdateInstanceAssociationStatus UpdateInstanceInformation';
const MESSAGES = [
  allow('ssmmessages', 'CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel'),
  allow('ec2messages', 'AcknowledgeMessage DeleteMessage FailMessage GetEndpoint GetMessages SendReply'),
];

/** The AWS managed policies that exist from the start; SSM's as in aws-facts-2 17.2, the others in sufficient form. */
const STATEMENTS: Record<string, object[]> = {
  '/AdministratorAccess': [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  '/AmazonEC2FullAccess': ['ec2', 'elasticloadbalancing', 'cloudwatch', 'autoscaling'].map((service) =>
    allow(service, '*'),
  ),
  '/AmazonS3ReadOnlyAccess': [allow('s3', 'Get* List* Describe*'), allow('s3-object-lambda', 'Get* List*')],
  '/AmazonSSMManagedInstanceCore': [allow('ssm', `${SSM_CORE} GetParameter GetParameters`), ...MESSAGES],
  '/AmazonSSMManagedEC2InstanceDefaultPolicy': [allow('ssm', SSM_CORE), ...MESSAGES],
  '/AmazonSSMDirectoryServiceAccess': [allow('ds', 'CreateComputer DescribeDirectories')],
  '/CloudWatchAgentServerPolicy': [
    allow('cloudwatch', 'PutMetricData'),
    allow('ec2', 'DescribeVolumes DescribeTags'),
    allow(
      'logs',
      'PutLogEvents PutRetentionPolicy DescribeLogStreams DescribeLogGroups CreateLogStream CreateLogGroup',
    ),
    allow('ssm', 'GetParameter', 'arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*'),
  ],
  '/service-role/AWSLambdaBasicExecutionRole': [allow('logs', 'CreateLogGroup CreateLogStream PutLogEvents')],
};

function allow(service: string, actions: string, resource = '*') {
  return { Effect: 'Allow', Action: actions.split(' ').map((action) => `${service}:${action}`), Resource: resource };
}

export function managedPolicies(partition: string): Map<string, Policy> {
  const policies = Object.entries(STATEMENTS).map(([pathAndName, Statement]): [string, Policy] => {
    const arn = `arn:${partition}:iam::aws:policy${pathAndName}`;
    const name = pathAndName.slice(pathAndName.lastIndexOf('/') + 1);
    const policy = {
      key: arn,
      name,
      path: pathAndName.slice(0, -name.length),
      id: createIds(arn).unique('ANPA'),
      arn,
      created: new Date('2015-02-06T18:40:00Z'),
      tags: {},
      document: identityPolicy(JSON.stringify({ Version: '2012-10-17', Statement })),
      version: name.startsWith('AmazonSSMManaged') ? 'v2' : 'v1',
    };
    return [arn, policy];
  });
  return new Map(policies);
}
