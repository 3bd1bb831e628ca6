import { CreateRole$, type CreateRoleRequest, type CreateRoleResponse } from '@aws-sdk/client-iam';
import { newRole } from '../answers';
import { define } from '../define';
import { create } from '../kinds';
import { checkBoundary } from '../policiesOf';
import { storableTrust } from '../trust';

export const createRole = define<CreateRoleRequest, CreateRoleResponse>(CreateRole$, (call, store) => {
  const { RoleName, Path, Tags, PermissionsBoundary: boundary, Description: description } = call.input;
  const keys = { 'iam:PermissionsBoundary': boundary };
  const entity = create(store, call, 'roles', { path: Path, name: RoleName!, tags: Tags, keys });
  checkBoundary(store.newest, boundary);
  const trust = storableTrust(store, call.input.AssumeRolePolicyDocument!);
  const { MaxSessionDuration: maxSessionDuration = 3600 } = call.input;
  const role = { ...entity, trust, description, maxSessionDuration, boundary, inline: {}, attached: [] };
  store.put('roles', role);
  return { Role: newRole(store.newest, role) };
});
