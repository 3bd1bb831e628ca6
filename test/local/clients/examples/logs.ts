import { expect } from '@jest/globals';
import { answers, type Chain, denied, refuses, TIME } from '../example';

const logGroupName = '/stepup/output';
const logStreamName = 'command/i-0123456789abcdef0/stdout';
const GROUP = { logGroupName };
const STREAM = { logGroupName, logStreamName };
const NO_GROUP = { logGroupName: '/stepup/none' };
const NO_STREAM = { ...GROUP, logStreamName: 'none' };
const arn = `arn:aws:logs:us-east-1:123456789012:log-group:${logGroupName}`;
const noGroup = 'The specified log group does not exist.';
const noStream = 'The specified log stream does not exist.';
const event = { timestamp: TIME, message: 'hello', ingestionTime: TIME };
/** Of the time at which it is put: older than the world, whose time runs fast. */
const events = () => ({ ...STREAM, logEvents: [{ timestamp: Date.now(), message: 'hello' }] });

export const logs: Chain = {
  service: 'logs',
  examples: [
    answers('CreateLogGroup', GROUP, {}),
    refuses('CreateLogGroup', GROUP, 'ResourceAlreadyExistsException', 'The specified log group already exists'),
    denied('logs', 'CreateLogGroup', NO_GROUP),
    answers('CreateLogStream', STREAM, {}),
    refuses('CreateLogStream', { ...NO_GROUP, logStreamName }, 'ResourceNotFoundException', noGroup),
    answers('PutLogEvents', events, expect.objectContaining({ nextSequenceToken: '(opaque)' })),
    refuses('PutLogEvents', () => ({ ...events(), ...NO_STREAM }), 'ResourceNotFoundException', noStream),
    denied('logs', 'PutLogEvents', events),
    answers(
      'DescribeLogGroups',
      { logGroupNamePrefix: '/stepup/' },
      {
        logGroups: [
          expect.objectContaining({
            logGroupName,
            creationTime: TIME,
            metricFilterCount: 0,
            arn: `${arn}:*`,
            storedBytes: 31,
          }),
        ],
      },
    ),
    denied('logs', 'DescribeLogGroups'),
    answers('DescribeLogStreams', GROUP, {
      logStreams: [
        expect.objectContaining({
          logStreamName,
          creationTime: TIME,
          firstEventTimestamp: TIME,
          lastEventTimestamp: TIME,
          lastIngestionTime: TIME,
          arn: `${arn}:log-stream:${logStreamName}`,
        }),
      ],
    }),
    refuses('DescribeLogStreams', NO_GROUP, 'ResourceNotFoundException', noGroup),
    answers(
      'GetLogEvents',
      { ...STREAM, startFromHead: true },
      {
        events: [event],
        nextForwardToken: '(opaque)',
        nextBackwardToken: '(opaque)',
      },
    ),
    refuses('GetLogEvents', NO_STREAM, 'ResourceNotFoundException', noStream),
    denied('logs', 'GetLogEvents', STREAM),
    answers('FilterLogEvents', GROUP, {
      events: [{ ...event, logStreamName, eventId: '(opaque)' }],
      searchedLogStreams: [],
    }),
    refuses('FilterLogEvents', NO_GROUP, 'ResourceNotFoundException', noGroup),
    refuses('DeleteLogGroup', NO_GROUP, 'ResourceNotFoundException', noGroup),
    answers('DeleteLogGroup', GROUP, {}),
  ],
};
