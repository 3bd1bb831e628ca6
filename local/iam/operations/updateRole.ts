import { UpdateRole$, type UpdateRoleRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';

/** What is left out stays as it is (aws-facts-2 0c). */
export const updateRole = onRole<UpdateRoleRequest, object>(UpdateRole$, (role, input, store) => {
  const { Description: description = role.description, MaxSessionDuration } = input;
  store.put('roles', { ...role, description, maxSessionDuration: MaxSessionDuration ?? role.maxSessionDuration });
  return {};
});
