import { GetLogEvents$, type GetLogEventsRequest, type GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../world';
import {
  authorizeStream,
  groupNamed,
  invalid,
  type LogEvent,
  referredGroup,
  refuse,
  type Store,
  streamNamed,
  validate,
  validLimit,
  validStreamName,
} from '../store';

const LARGEST_PAGE = 10_000;
/** Before every event's id. */
const BEGINNING = '0'.repeat(56);

export const getLogEvents = (store: Store) =>
  operation<GetLogEventsRequest, GetLogEventsResponse>(
    'logs',
    GetLogEvents$,
    'partial: no unmask; a page ends by the number of its events, not by their size',
    (call) => {
      const { logStreamName, startTime, endTime, limit = LARGEST_PAGE } = call.input;
      const group = referredGroup(call.input);
      validate(...validStreamName(logStreamName), ...validLimit(limit, LARGEST_PAGE));
      refuse(call.input, 'unmask');
      const { id, forward } = placeIn(call.input);
      authorizeStream(call, 'GetLogEvents', group, logStreamName!);
      const events = streamNamed(groupNamed(store, group), logStreamName!)
        .events.filter(({ timestamp }) => timestamp >= (startTime ?? 0) && timestamp < (endTime ?? Infinity))
        .filter((event) => id === undefined || (forward ? event.id > id : event.id < id));
      const shown = forward ? events.slice(0, limit) : events.slice(-limit);
      return {
        events: shown.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
        // At either end the request's own token comes back: that is how a client knows.
        nextForwardToken: `f/${shown.at(-1)?.id ?? id ?? BEGINNING}/s`,
        nextBackwardToken: `b/${shown[0]?.id ?? id ?? BEGINNING}/s`,
      };
    },
  );

/** From which event on, and in which direction; without a token from either end. */
function placeIn({ nextToken, startFromHead = false }: GetLogEventsRequest): { id?: LogEvent['id']; forward: boolean } {
  if (nextToken === undefined) return { forward: startFromHead };
  const [, direction, id] = /^([fb])\/(\d{56})\/s$/.exec(nextToken) ?? [];
  if (!id) throw invalid('The specified nextToken is invalid.');
  return { id, forward: direction === 'f' };
}
