import { addedToCore, type CoreSettings } from './coreSettings';
import type { Parts } from './sizes';

/**
 * What AWS's article on temporary instance permissions gives SSM Agent; AWS has no resources for most of it. Without
 * ssm:GetParameters, which would be every parameter of the account to every grant: the agent does without, as on instances
 * with AWS's AmazonSSMManagedEC2InstanceDefaultPolicy (aws-facts-2 17.2). A grant may name the parameters that its job reads.
 */
const AGENT_ACTIONS = [
  'ssm:DescribeAssociation',
  'ssm:GetDeployablePatchSnapshotForInstance',
  'ssm:GetDocument',
  'ssm:GetManifest',
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

/** Baseline `core`, by what each statement is for: what SSM Agent needs, and what the configuration adds. */
export const coreParts = (core: CoreSettings): Parts => ({
  'SSM core': [
    {
      Sid: 'Agent',
      Effect: 'Allow',
      Action: [...AGENT_ACTIONS, 'ec2:DescribeInstanceStatus'],
      Resource: '*',
    },
  ],
  ...addedToCore(core),
});
