import { ListUsers$ } from '@aws-sdk/client-iam';
import { listedUser } from '../answers';
import { list } from '../define';

export const listUsers = list(ListUsers$, 'users', 'Users', listedUser);
