import { TIME } from './example';
import type { Outcome } from './play';

const DURATION = /^PT[\d.HMS]+$/;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** In EC2's reason for a state. */
const TIME_IN_TEXT = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT/;
/** Ids that the world makes up: unique ids of IAM, association ids, UUIDs. */
const ID =
  /\b(A[A-Z]{3})[A-Z2-7]{16,17}\b|\b(iip-assoc)-[0-9a-f]{17}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
/** Opaque to every client, or about the request only. */
const OPAQUE = new Set([
  ...['SecretAccessKey', 'SessionToken', 'NextToken', 'nextToken', 'Marker', 'UploadId', 'eventId'],
  ...['nextForwardToken', 'nextBackwardToken', 'nextSequenceToken', 'uploadSequenceToken'],
]);
/** CloudWatch Logs has times as numbers: this is one of 2001, in milliseconds. */
const EARLIEST_TIME = 1_000_000_000_000;
/** boto3 and the AWS CLI always ask S3 for encoded keys, and decode them. */
const LEFT_OUT = new Set(['$metadata', 'ResponseMetadata', 'EncodingType']);
/** What clients say where AWS says nothing: an answer to HEAD has no body. */
const NO_MESSAGE = new Set(['UnknownError', 'Not Found', 'Forbidden']);
const ENCODED = /(Encoded authorization failure message: )\S+/;

/**
 * Makes what different clients return for the same calls equal: times, ids by the order of their appearance in answers,
 * and IAM's documents, which the AWS CLI and boto3 decode and the SDK does not.
 */
export function createNormal(): (outcome: Outcome) => Outcome {
  const seen = new Map<string, string>();
  let isAnswer = true;
  const numbered = (id: string, ...[unique, association]: (string | undefined)[]) => {
    const name = seen.get(id) ?? (isAnswer ? `(${unique ?? association ?? 'uuid'} ${seen.size + 1})` : id);
    if (isAnswer) seen.set(id, name);
    return name;
  };
  const text = (value: string) => {
    if (ISO_TIME.test(value)) return TIME;
    if (DURATION.test(value)) return '(duration)';
    if (NO_MESSAGE.has(value)) return '';
    if (value.startsWith('%7B')) return JSON.parse(decodeURIComponent(value));
    const timeless = value.replace(ENCODED, '$1(opaque)').replace(TIME_IN_TEXT, TIME);
    return timeless.replace(ID, (id, ...groups) => numbered(id, ...groups));
  };
  const walk = (value: unknown): unknown => {
    if (value instanceof Date || (typeof value === 'number' && value > EARLIEST_TIME)) return TIME;
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const field = (name: string, one: unknown) => (OPAQUE.has(name) ? '(opaque)' : walk(one));
    const fields = Object.entries(value).filter(([name, one]) => !LEFT_OUT.has(name) && one !== undefined);
    return Object.fromEntries(fields.map(([name, one]) => [name, field(name, one)]));
  };
  return (outcome) => {
    isAnswer = 'answer' in outcome;
    return walk(outcome) as Outcome;
  };
}
