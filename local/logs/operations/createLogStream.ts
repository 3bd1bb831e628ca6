import { CreateLogStream$, type CreateLogStreamRequest } from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../world';
import {
  alreadyExists,
  authorizeStream,
  groupNamed,
  type Store,
  validate,
  validGroupName,
  validStreamName,
} from '../store';

export const createLogStream = (store: Store) =>
  operation<CreateLogStreamRequest, object>('logs', CreateLogStream$, 'full', (call) => {
    const { logGroupName, logStreamName: name } = call.input;
    validate(...validGroupName(logGroupName), ...validStreamName(name));
    authorizeStream(call, 'CreateLogStream', logGroupName!, name!);
    const { streams } = groupNamed(store, logGroupName!);
    if (streams.has(name!)) throw alreadyExists('log stream');
    streams.set(name!, { name: name!, created: call.world.clock.now(), events: [] });
    return {};
  });
