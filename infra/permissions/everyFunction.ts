import { anything, may, type Permissions } from './permission';

/**
 * What each function may do besides its own work.
 * @param logGroup ARN of its log group, with `:*`
 * @param deadLetters ARN of the queue for what it could not handle, if it is called asynchronously
 */
export const everyFunction = (logGroup: string, deadLetters?: string): Permissions => ({
  WriteLogs: may('logs:CreateLogStream', 'logs:PutLogEvents').on(logGroup).because('Its own log group.'),
  Trace: may('xray:PutTraceSegments', 'xray:PutTelemetryRecords')
    .on(anything('X-Ray has no resources for it'))
    .because('Traces of its calls.'),
  ...(deadLetters && {
    KeepFailedEvents: may('sqs:SendMessage').on(deadLetters).because('An event that failed at every attempt is kept.'),
  }),
});
