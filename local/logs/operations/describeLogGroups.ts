import {
  DescribeLogGroups$,
  type DescribeLogGroupsRequest,
  type DescribeLogGroupsResponse,
  type LogGroup as LogGroupView,
} from '@aws-sdk/client-cloudwatch-logs';
import { operation, type World } from '../../world';
import { page } from '../pages';
import {
  authorizeGroup,
  EVENT_OVERHEAD,
  groupArn,
  invalid,
  type LogGroup,
  refuse,
  type Store,
  validate,
  validGroupName,
  validLimit,
} from '../store';

const UNSUPPORTED = ['accountIdentifiers', 'includeLinkedAccounts', 'logGroupClass', 'logGroupIdentifiers'];

export const describeLogGroups = (store: Store) =>
  operation<DescribeLogGroupsRequest, DescribeLogGroupsResponse>(
    'logs',
    DescribeLogGroups$,
    `partial: no ${UNSUPPORTED.join(', ')}`,
    (call) => {
      const { input, world } = call;
      const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, limit = 50, nextToken } = input;
      const validPrefix = prefix === undefined ? [] : validGroupName(prefix, 'logGroupNamePrefix');
      const validPattern = pattern ? validGroupName(pattern, 'logGroupNamePattern') : [];
      validate(...validLimit(limit, 50), ...validPrefix, ...validPattern);
      refuse(input, ...UNSUPPORTED);
      // Unconfirmed: the text.
      if (prefix && pattern) throw invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive.');
      authorizeGroup(call, 'DescribeLogGroups', '');
      const wanted = [...store.values()]
        .filter(({ name }) => name.startsWith(prefix ?? ''))
        .filter(({ name }) => name.includes(pattern ?? ''))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { items, nextToken: next } = page(wanted, ({ name }) => name, { limit, nextToken });
      const logGroups = items.map((group) => (pattern ? briefView : view)(world, group));
      return { logGroups, nextToken: next };
    },
  );

/** All that an answer to a pattern has. */
function briefView(world: World, { name, created }: LogGroup): LogGroupView {
  return { logGroupName: name, creationTime: created, arn: `${groupArn(world, name)}:*` };
}

function view(world: World, { name, created, streams }: LogGroup): LogGroupView {
  const arn = groupArn(world, name);
  const events = [...streams.values()].flatMap((stream) => stream.events);
  const sizes = events.map(({ message }) => Buffer.byteLength(message) + EVENT_OVERHEAD);
  return {
    logGroupName: name,
    creationTime: created,
    metricFilterCount: 0,
    arn: `${arn}:*`,
    storedBytes: sizes.reduce((sum, size) => sum + size, 0),
    logGroupClass: 'STANDARD',
    logGroupArn: arn,
  };
}
