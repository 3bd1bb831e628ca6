import { DeleteLogGroup$, type DeleteLogGroupRequest } from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../world';
import { authorizeGroup, groupNamed, type Store, validate, validGroupName } from '../store';

export const deleteLogGroup = (store: Store) =>
  operation<DeleteLogGroupRequest, object>('logs', DeleteLogGroup$, 'full', (call) => {
    const { logGroupName: name } = call.input;
    validate(...validGroupName(name));
    authorizeGroup(call, 'DeleteLogGroup', name!);
    store.delete(groupNamed(store, name!).name);
    return {};
  });
