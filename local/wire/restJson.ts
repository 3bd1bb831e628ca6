import { AwsError } from '../world';
import { bytes } from './message';
import type { Protocol } from './protocol';
import { inputFromHttp, outputToJson } from './schemas';

const HEADERS = { 'content-type': 'application/json' };

/** EventBridge Scheduler's, as far as it is asked: what it reads has no body. */
export const schedulerJson: Protocol = {
  dialect: 'restJson',
  target: ({ method, path }) => {
    const [, collection, name, ...more] = path.split('/');
    if (method !== 'GET' || collection !== 'schedules' || more.length > 0) return undefined;
    if (!name) return { operation: 'ListSchedules' };
    return { operation: 'GetSchedule', labels: { Name: decodeURIComponent(name) } };
  },
  input: (operation, request, labels) => {
    try {
      return inputFromHttp(operation, request, labels);
    } catch {
      throw new AwsError('SerializationException', '');
    }
  },
  success: (operation, output, requestId) => ({
    status: 200,
    headers: { ...HEADERS, 'x-amzn-requestid': requestId },
    body: outputToJson(operation, output),
  }),
  // The name is in a header; its own errors, and those of its front end, have a capital Message.
  failure: ({ code, message, status }, requestId) => ({
    status,
    headers: { ...HEADERS, 'x-amzn-requestid': requestId, 'x-amzn-errortype': code },
    body: bytes(JSON.stringify({ Message: message || undefined })),
  }),
};
