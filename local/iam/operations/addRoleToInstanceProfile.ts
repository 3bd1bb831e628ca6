import { AddRoleToInstanceProfile$, type AddRoleToInstanceProfileRequest } from '@aws-sdk/client-iam';
import { onProfile } from '../define';
import { limitExceeded, namedRole } from '../kinds';

export const addRoleToInstanceProfile = onProfile<AddRoleToInstanceProfileRequest, object>(
  AddRoleToInstanceProfile$,
  (profile, { RoleName }, store, call) => {
    const role = namedRole(store.newest, RoleName!);
    // aws-facts 2.6. Roles that may only be passed to EC2 can be added (aws/karpenter-provider-aws issue 6839).
    call.authorize('iam:PassRole', role.arn, { 'iam:PassedToService': 'ec2.amazonaws.com' });
    // Not idempotent: the same role once more is refused, too (aws-facts 2.3).
    if (profile.role) throw limitExceeded('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
    store.put('profiles', { ...profile, role: role.key });
    return {};
  },
);
