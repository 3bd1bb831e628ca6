import { DeleteRolePermissionsBoundary$, type DeleteRolePermissionsBoundaryRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { noSuchEntity } from '../kinds';

export const deleteRolePermissionsBoundary = onRole<DeleteRolePermissionsBoundaryRequest, object>(
  DeleteRolePermissionsBoundary$,
  ({ boundary, ...role }, _, store) => {
    // Unconfirmed: that this is an error, and its text.
    if (!boundary) throw noSuchEntity(`The role with name ${role.name} has no permissions boundary.`);
    store.put('roles', role);
    return {};
  },
);
