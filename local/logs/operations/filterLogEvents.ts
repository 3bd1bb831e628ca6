import {
  FilterLogEvents$,
  type FilterLogEventsRequest,
  type FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../world';
import { page } from '../pages';
import {
  authorizeGroup,
  groupNamed,
  invalid,
  type LogGroup,
  type LogStream,
  referredGroup,
  refuse,
  type Store,
  streamNamed,
  validate,
  validLimit,
  validStreamName,
} from '../store';

const LARGEST_PAGE = 10_000;

export const filterLogEvents = (store: Store) =>
  operation<FilterLogEventsRequest, FilterLogEventsResponse>(
    'logs',
    FilterLogEvents$,
    'partial: no filterPattern, no unmask; a page ends by the number of its events, not by their size',
    (call) => {
      const { logStreamNamePrefix: prefix, logStreamNames: names = [], startTime = 0, filterPattern } = call.input;
      const { endTime = Infinity, limit = LARGEST_PAGE, nextToken } = call.input;
      const group = referredGroup(call.input);
      const validPrefix = prefix === undefined ? [] : validStreamName(prefix, 'logStreamNamePrefix');
      const validNames = names.flatMap((name) => validStreamName(name, 'logStreamNames'));
      validate(...validLimit(limit, LARGEST_PAGE), ...validPrefix, ...validNames);
      refuse(call.input, 'unmask', ...(filterPattern ? ['filterPattern'] : []));
      // Unconfirmed: the text.
      if (prefix && names.length > 0) throw invalid('logStreamNames and logStreamNamePrefix are mutually exclusive.');
      authorizeGroup(call, 'FilterLogEvents', group);
      const events = searched(groupNamed(store, group), names, prefix)
        .flatMap(({ name, events }) => events.map((event) => ({ ...event, logStreamName: name })))
        .filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime)
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      const { items, nextToken: next } = page(events, ({ id }) => id, { limit, nextToken });
      return {
        events: items.map(({ id, ...event }) => ({ ...event, eventId: id })),
        // Empty on AWS, too.
        searchedLogStreams: [],
        nextToken: next,
      };
    },
  );

function searched(group: LogGroup, names: string[], prefix = ''): LogStream[] {
  if (names.length > 0) return names.map((name) => streamNamed(group, name));
  return [...group.streams.values()].filter(({ name }) => name.startsWith(prefix));
}
