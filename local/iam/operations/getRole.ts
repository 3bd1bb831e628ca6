import { GetRole$, type GetRoleRequest, type GetRoleResponse } from '@aws-sdk/client-iam';
import { wholeRole } from '../answers';
import { onRole } from '../define';

export const getRole = onRole<GetRoleRequest, GetRoleResponse>(GetRole$, (role, _, store) => ({
  Role: wholeRole(store.newest, role),
}));
