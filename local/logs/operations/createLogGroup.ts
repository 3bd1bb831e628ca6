import { CreateLogGroup$, type CreateLogGroupRequest } from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../world';
import { alreadyExists, authorizeGroup, refuse, type Store, validate, validGroupName } from '../store';

export const createLogGroup = (store: Store) =>
  operation<CreateLogGroupRequest, object>(
    'logs',
    CreateLogGroup$,
    'partial: no KMS key, tags, class or deletion protection',
    (call) => {
      const { input, world } = call;
      const { logGroupName: name } = input;
      validate(...validGroupName(name));
      refuse(input, 'kmsKeyId', 'tags', 'logGroupClass', 'deletionProtectionEnabled');
      authorizeGroup(call, 'CreateLogGroup', name!);
      if (store.has(name!)) throw alreadyExists('log group');
      store.set(name!, { name: name!, created: world.clock.now(), streams: new Map() });
      return {};
    },
  );
