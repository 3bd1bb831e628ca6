import {
  DescribeLogStreams$,
  type DescribeLogStreamsRequest,
  type DescribeLogStreamsResponse,
  type LogStream as LogStreamView,
} from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../world';
import { page } from '../pages';
import {
  authorizeGroup,
  groupArn,
  groupNamed,
  invalid,
  type LogStream,
  referredGroup,
  type Store,
  validate,
  validLimit,
  validStreamName,
} from '../store';

export const describeLogStreams = (store: Store) =>
  operation<DescribeLogStreamsRequest, DescribeLogStreamsResponse>('logs', DescribeLogStreams$, 'full', (call) => {
    const { logStreamNamePrefix: prefix, orderBy, descending, limit = 50, nextToken } = call.input;
    const group = referredGroup(call.input);
    const validPrefix = prefix === undefined ? [] : validStreamName(prefix, 'logStreamNamePrefix');
    const orders = [undefined, 'LogStreamName', 'LastEventTime'];
    const validOrder = orders.includes(orderBy);
    validate(...validLimit(limit, 50), ...validPrefix, [
      'orderBy',
      orderBy,
      validOrder,
      'satisfy enum value set: [LogStreamName, LastEventTime]',
    ]);
    const byTime = orderBy === 'LastEventTime';
    if (byTime && prefix) throw invalid('Cannot order by LastEventTime with a logStreamNamePrefix.');
    authorizeGroup(call, 'DescribeLogStreams', group);
    const key = (stream: LogStream) => (byTime ? `${stream.events.at(-1)?.id ?? ''} ${stream.name}` : stream.name);
    const streams = [...groupNamed(store, group).streams.values()]
      .filter(({ name }) => name.startsWith(prefix ?? ''))
      .sort((a, b) => (key(a) < key(b) ? -1 : 1));
    if (descending) streams.reverse();
    const { items, nextToken: next } = page(streams, ({ name }) => name, { limit, nextToken });
    return { logStreams: items.map((stream) => view(groupArn(call.world, group), stream)), nextToken: next };
  });

function view(arnOfGroup: string, { name, created, events }: LogStream): LogStreamView {
  return {
    logStreamName: name,
    creationTime: created,
    firstEventTimestamp: events[0]?.timestamp,
    lastEventTimestamp: events.at(-1)?.timestamp,
    lastIngestionTime: events.length > 0 ? Math.max(...events.map((event) => event.ingestionTime)) : undefined,
    uploadSequenceToken: sequenceToken(events.length),
    arn: `${arnOfGroup}:log-stream:${name}`,
    // AWS counts by group only.
    storedBytes: 0,
  };
}

/** AWS still hands them out, and asks for none. */
export const sequenceToken = (events: number): string => `49${String(events).padStart(54, '0')}`;
