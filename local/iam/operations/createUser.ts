import { CreateUser$, type CreateUserRequest, type CreateUserResponse } from '@aws-sdk/client-iam';
import { wholeUser } from '../answers';
import { define } from '../define';
import { create } from '../kinds';
import { checkBoundary } from '../policiesOf';

export const createUser = define<CreateUserRequest, CreateUserResponse>(CreateUser$, (call, store) => {
  const { UserName, Path, Tags, PermissionsBoundary: boundary } = call.input;
  const keys = { 'iam:PermissionsBoundary': boundary };
  const entity = create(store, call, 'users', { path: Path, name: UserName!, tags: Tags, keys });
  checkBoundary(store.newest, boundary);
  const user = { ...entity, inline: {}, attached: [], boundary };
  store.put('users', user);
  return { User: wholeUser(user) };
});
