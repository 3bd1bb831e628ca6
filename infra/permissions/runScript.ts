import { DESCRIBES, may, type Permissions, type Scope, SENT_COMMANDS } from './permission';

/** Runs the prove document and what grants allow, on enrolled instances. */
export const runScript = ({ arns, documents, outputLocations }: Scope): Permissions => ({
  SendDocuments: may('ssm:SendCommand')
    .on(arns.proveDocument, ...documents, ...arns.outputBuckets(outputLocations))
    .because('SendCommand is authorised on each document and bucket of the request: no others.'),
  SendToEnrolled: may('ssm:SendCommand')
    .on(arns.instances)
    .where({ Null: { 'ssm:resourceTag/stepup:grants': 'false' } })
    .because('And on the instance, which is enrolled; a statement of its own, for documents have no such tag.'),
  FollowCommands: may('ssm:ListCommandInvocations', 'ssm:GetCommandInvocation')
    .on(SENT_COMMANDS)
    .because('How does the command stand?'),
  SeeInstances: may('ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations')
    .on(DESCRIBES)
    .because('Does the instance still run, and carry our profile?'),
  SeeRecord: may('iam:GetRole')
    .on(arns.tempRoles, arns.missingTempRoles)
    .because('Is the record open? Read right before a command is sent.'),
});
