import {
  DESCRIBES,
  may,
  type Permissions,
  patterns,
  type Scope,
  SENT_COMMANDS,
  STATE_TAGS,
  TO_EC2,
} from './permission';

/** Takes our profile from an instance, whatever its tags, and gives the original back. */
export const restore = (scope: Scope): Permissions => ({
  ...givingBack(scope),
  ...strippingAndDraining(scope),
  StopTheScript: may('ssm:ListCommands', 'ssm:CancelCommand')
    .on(SENT_COMMANDS)
    .because('What still runs under the temp role ends with it.'),
  SeeHistory: may('states:GetExecutionHistory')
    .on(scope.arns.elevation.executions)
    .because('What the run had, and how far it came: tags can be written by others, the history cannot.'),
});

const givingBack = ({ arns, restorableRoles }: Scope): Permissions => ({
  SeeInstances: may('ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations')
    .on(DESCRIBES)
    .because('What does the instance carry now?'),
  TakeOursOff: may('ec2:ReplaceIamInstanceProfileAssociation', 'ec2:DisassociateIamInstanceProfile')
    .on(arns.instances)
    .where({ ArnLike: { 'ec2:InstanceProfile': arns.tempProfiles } })
    .because('By what the instance carries, not by a tag: un-enrolling in mid-run must not lock us out.'),
  FillBare: may('ec2:AssociateIamInstanceProfile')
    .on(arns.instances)
    .where({ Null: { 'ec2:InstanceProfile': 'true' } })
    .because('The second half-step on a stopped instance; nobody loses a profile by it.'),
  Rehearse: may('ec2:ReplaceIamInstanceProfileAssociation')
    .on(arns.instances)
    .where({ StringEquals: { 'ec2:NewInstanceProfile': '${ec2:InstanceProfile}' } })
    .because('A profile by itself, which AWS answers as a no-op: the right to undo is tried before do.'),
  PassOriginal: may('iam:PassRole')
    .on(...patterns('restorableRoles', restorableRoles))
    .where(TO_EC2)
    .because('EC2 asks for it when the original is given back.'),
  SeeProfiles: may('iam:GetInstanceProfile')
    .on(arns.profiles)
    .because('Does the original still exist, and is it the same? It may be any profile.'),
});

/** These only take away, so that no ceiling is asked for. */
const strippingAndDraining = ({ arns }: Scope): Permissions => ({
  SeeRecord: may('iam:GetRole').on(arns.tempRoles, arns.missingTempRoles).because('The record: what is to be undone.'),
  TakeGrant: may('iam:ListRolePolicies', 'iam:DeleteRolePolicy')
    .on(arns.tempRoles)
    .because('The grant goes, and is seen to have gone.'),
  WriteState: may('iam:TagRole')
    .on(arns.tempRoles)
    .where({ 'ForAllValues:StringEquals': { 'aws:TagKeys': STATE_TAGS }, Null: { 'aws:TagKeys': 'false' } })
    .because('Restoring, then draining; nothing else of a record.'),
  DeleteProfile: may('iam:RemoveRoleFromInstanceProfile', 'iam:DeleteInstanceProfile')
    .on(arns.tempProfiles, arns.missingTempProfiles)
    .because('The instance is free again.'),
});
