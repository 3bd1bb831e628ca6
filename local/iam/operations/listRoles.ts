import { ListRoles$ } from '@aws-sdk/client-iam';
import { listedRole } from '../answers';
import { list } from '../define';

export const listRoles = list(ListRoles$, 'roles', 'Roles', (role, state) => listedRole(state, role));
