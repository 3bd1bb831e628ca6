import { DetachRolePolicy$, type DetachRolePolicyRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { noSuchEntity } from '../kinds';
import { policyKey } from '../policiesOf';

export const detachRolePolicy = onRole<DetachRolePolicyRequest, object>(
  DetachRolePolicy$,
  (role, { PolicyArn }, store) => {
    if (!role.attached.includes(PolicyArn!)) throw noSuchEntity(`Policy ${PolicyArn} was not found.`);
    store.put('roles', { ...role, attached: role.attached.filter((arn) => arn !== PolicyArn) });
    return {};
  },
  policyKey,
);
