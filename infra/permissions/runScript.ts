import { anything, DESCRIBES, may, type Permission, type Scope } from './permission';

/** Runs the prove document and what grants allow, on enrolled instances. */
export const runScript = ({ arns, documents, outputLocations }: Scope): Permission[] => [
  // SendCommand needs every document, instance and bucket of the request. The tag is on the instance alone.
  may('ssm:SendCommand').on(arns.proveDocument, ...documents, ...arns.outputBuckets(outputLocations)),
  may('ssm:SendCommand')
    .on(arns.instances)
    .where({ Null: { 'ssm:resourceTag/stepup:grants': 'false' } }),
  may('ssm:ListCommandInvocations', 'ssm:GetCommandInvocation').on(
    anything('SSM has no resources and no condition keys for commands that were sent'),
  ),
  may('ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations').on(DESCRIBES),
  may('iam:GetRole').on(arns.tempRoles, arns.missingTempRoles),
];
