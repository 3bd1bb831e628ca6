import { PutLogEvents$, type PutLogEventsRequest, type PutLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../world';
import {
  authorizeStream,
  EVENT_OVERHEAD,
  groupNamed,
  invalid,
  refuse,
  type Store,
  streamNamed,
  validate,
  validGroupName,
  validStreamName,
} from '../store';
import { sequenceToken } from './describeLogStreams';

const HOUR = 3_600_000;
const LARGEST_BATCH = 1_048_576;

type InputEvents = NonNullable<PutLogEventsRequest['logEvents']>;

export const putLogEvents = (store: Store) => {
  let arrivals = 0;
  return operation<PutLogEventsRequest, PutLogEventsResponse>(
    'logs',
    PutLogEvents$,
    'partial: no entity; sequenceToken is ignored, as on AWS',
    (call) => {
      const { logGroupName, logStreamName, logEvents = [] } = call.input;
      validate(...validGroupName(logGroupName), ...validStreamName(logStreamName));
      refuse(call.input, 'entity');
      validateEvents(logEvents);
      authorizeStream(call, 'PutLogEvents', logGroupName!, logStreamName!);
      const { events } = streamNamed(groupNamed(store, logGroupName!), logStreamName!);
      const now = call.world.clock.now();
      const tooOld = logEvents.filter(({ timestamp }) => timestamp! < now - 14 * 24 * HOUR).length;
      const tooNew = logEvents.filter(({ timestamp }) => timestamp! > now + 2 * HOUR).length;
      for (const { timestamp, message } of logEvents.slice(tooOld, logEvents.length - tooNew)) {
        arrivals += 1;
        const id = String(timestamp).padStart(14, '0') + String(arrivals).padStart(42, '0');
        events.push({ id, timestamp: timestamp!, message: message!, ingestionTime: now });
      }
      events.sort((a, b) => (a.id < b.id ? -1 : 1));
      const rejected = {
        ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
        ...(tooNew > 0 && { tooNewLogEventStartIndex: logEvents.length - tooNew }),
      };
      const rejectedLogEventsInfo = tooOld + tooNew > 0 ? rejected : undefined;
      return { nextSequenceToken: sequenceToken(events.length), rejectedLogEventsInfo };
    },
  );
};

function validateEvents(events: InputEvents): void {
  const each = events.flatMap(({ timestamp, message }, index) => {
    const at = (member: string) => `logEvents.${index + 1}.member.${member}`;
    return [
      [at('timestamp'), timestamp, timestamp !== undefined, 'not be null'],
      [at('timestamp'), timestamp, (timestamp ?? 0) >= 0, 'have value greater than or equal to 0'],
      [at('message'), message, message !== undefined, 'not be null'],
      [at('message'), message, message !== '', 'have length greater than or equal to 1'],
    ] satisfies Parameters<typeof validate>;
  });
  const shown = events.length > 0 ? '[...]' : '[]';
  validate(
    ['logEvents', shown, events.length >= 1, 'have length greater than or equal to 1'],
    ['logEvents', shown, events.length <= 10_000, 'have length less than or equal to 10000'],
    ...each,
  );
  const times = events.map(({ timestamp }) => timestamp!);
  if (times.some((time, index) => time < (times[index - 1] ?? 0))) {
    throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
  }
  if (times.at(-1)! - times[0]! > 24 * HOUR) {
    throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
  const size = events.reduce((sum, { message }) => sum + Buffer.byteLength(message!) + EVENT_OVERHEAD, 0);
  if (size > LARGEST_BATCH) throw invalid(`Upload too large: ${size} bytes exceeds limit of ${LARGEST_BATCH}`);
}
