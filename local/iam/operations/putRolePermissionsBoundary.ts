import { PutRolePermissionsBoundary$, type PutRolePermissionsBoundaryRequest } from '@aws-sdk/client-iam';
import { onRole } from '../define';
import { checkBoundary } from '../policiesOf';

/** `iam:PermissionsBoundary` is the new one (aws-facts-2 14.3). */
export const putRolePermissionsBoundary = onRole<PutRolePermissionsBoundaryRequest, object>(
  PutRolePermissionsBoundary$,
  (role, { PermissionsBoundary: boundary }, store) => {
    checkBoundary(store.newest, boundary);
    store.put('roles', { ...role, boundary });
    return {};
  },
  ({ PermissionsBoundary }) => ({ 'iam:PermissionsBoundary': PermissionsBoundary }),
);
