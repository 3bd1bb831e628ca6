import type { PolicyDocument, Statement } from '../state-machine/catalogue';

/** What AWS's article on temporary instance permissions gives SSM Agent; AWS has no resources for most of it. */
const AGENT_ACTIONS = [
  'ssm:DescribeAssociation',
  'ssm:GetDeployablePatchSnapshotForInstance',
  'ssm:GetDocument',
  'ssm:GetManifest',
  'ssm:GetParameters',
  'ssm:ListAssociations',
  'ssm:ListInstanceAssociations',
  'ssm:PutInventory',
  'ssm:PutComplianceItems',
  'ssm:PutConfigurePackageResult',
  'ssm:UpdateAssociationStatus',
  'ssm:UpdateInstanceAssociationStatus',
  'ssm:UpdateInstanceInformation',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
  'ec2messages:AcknowledgeMessage',
  'ec2messages:DeleteMessage',
  'ec2messages:FailMessage',
  'ec2messages:GetEndpoint',
  'ec2messages:GetMessages',
  'ec2messages:SendReply',
];

/** The agent's own actions, which no grant may bring: they must not end with it. */
export const SSM_CORE_ACTIONS: readonly string[] = AGENT_ACTIONS;

export interface OutputLocation {
  bucket: string;
  /** '' or ends with a slash. */
  prefix: string;
}

export function parseOutputLocation(location: string): OutputLocation {
  const [bucket = '', ...path] = location.slice('s3://'.length).split('/');
  const prefix = path.filter((part) => part !== '').join('/');
  return { bucket, prefix: prefix && `${prefix}/` };
}

/** Baseline `core`: what SSM Agent needs, and where it may put the output of commands. */
export function corePolicy(outputLocations: string[]): PolicyDocument {
  const outputs = outputLocations.map(parseOutputLocation);
  const agent: Statement = {
    Sid: 'Agent',
    Effect: 'Allow',
    Action: [...AGENT_ACTIONS, 'ec2:DescribeInstanceStatus'],
    Resource: '*',
  };
  return { Version: '2012-10-17', Statement: outputs.length === 0 ? [agent] : [agent, ...outputStatements(outputs)] };
}

/** The agent uploads with an ACL for the bucket's owner and first looks at the bucket's encryption: aws-facts-2 17.1. */
const outputStatements = (outputs: OutputLocation[]): Statement[] => [
  {
    Sid: 'Output',
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:PutObjectAcl'],
    Resource: outputs.map(({ bucket, prefix }) => `arn:\${partition}:s3:::${bucket}/${prefix}*`),
  },
  {
    Sid: 'OutputEncryption',
    Effect: 'Allow',
    Action: 's3:GetEncryptionConfiguration',
    Resource: [...new Set(outputs.map(({ bucket }) => `arn:\${partition}:s3:::${bucket}`))],
  },
];
