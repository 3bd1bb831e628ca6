import { Aws } from 'aws-cdk-lib';
import { anything, DESCRIBES, may, type Permission, type Scope } from './permission';

/** The state of a record, and nothing else of it. */
const STATE_TAGS = ['stepup:restoring-since', 'stepup:draining-since', 'stepup:delete-after'];

/** Takes our profile from an instance, whatever its tags, and gives the original back. */
export const restore = (scope: Scope): Permission[] => [
  ...givingBack(scope),
  ...rehearsing(scope),
  ...strippingAndDraining(scope),
  may('ssm:ListCommands', 'ssm:CancelCommand').on(
    anything('SSM has no resources and no condition keys for commands that were sent'),
  ),
  may('states:GetExecutionHistory').on(scope.arns.elevation.executions),
];

const givingBack = ({ arns, restorableRoles }: Scope): Permission[] => [
  may('ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations').on(DESCRIBES),
  may('ec2:ReplaceIamInstanceProfileAssociation', 'ec2:DisassociateIamInstanceProfile')
    .on(arns.instances)
    .where({ ArnLike: { 'ec2:InstanceProfile': arns.tempProfiles } }),
  may('ec2:AssociateIamInstanceProfile')
    .on(arns.instances)
    .where({ Null: { 'ec2:InstanceProfile': 'true' } }),
  may('iam:PassRole')
    .on(
      ...restorableRoles.map((pattern) =>
        pattern === '*'
          ? anything('the configuration spells it out as restorableRoles, and synth warns of it')
          : pattern,
      ),
    )
    .where({ StringEquals: { 'iam:PassedToService': `ec2.${Aws.URL_SUFFIX}` } }),
  // The original may be any profile.
  may('iam:GetInstanceProfile').on(arns.profiles),
];

/** A profile by itself: AWS answers a no-op. */
const rehearsing = ({ arns }: Scope): Permission[] => [
  may('ec2:ReplaceIamInstanceProfileAssociation')
    .on(arns.instances)
    .where({ StringEquals: { 'ec2:NewInstanceProfile': '${ec2:InstanceProfile}' } }),
];

/** These only take away, so that no ceiling is asked for. */
const strippingAndDraining = ({ arns }: Scope): Permission[] => [
  may('iam:GetRole').on(arns.tempRoles, arns.missingTempRoles),
  may('iam:ListRolePolicies', 'iam:DeleteRolePolicy').on(arns.tempRoles),
  may('iam:TagRole')
    .on(arns.tempRoles)
    .where({ 'ForAllValues:StringEquals': { 'aws:TagKeys': STATE_TAGS }, Null: { 'aws:TagKeys': 'false' } }),
  may('iam:RemoveRoleFromInstanceProfile', 'iam:DeleteInstanceProfile').on(arns.tempProfiles, arns.missingTempProfiles),
];
