import { GetUser$, type GetUserRequest, type GetUserResponse } from '@aws-sdk/client-iam';
import { wholeUser } from '../answers';
import { define } from '../define';
import { existing } from '../kinds';

export const getUser = define<GetUserRequest, GetUserResponse>(GetUser$, (call, store) => {
  const { principal, input } = call;
  if (input.UserName !== undefined || principal.kind !== 'root') {
    return { User: wholeUser(existing(store, call, 'users', 'iam:GetUser')) };
  }
  // The account's root has neither a name nor a path.
  const { arn, userId } = principal;
  return { User: { UserName: undefined, Path: undefined, UserId: userId, Arn: arn, CreateDate: store.opened } };
});
