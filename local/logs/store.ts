import { AwsError, type Call, type Violation, validationMessage, type World } from '../world';

export interface LogEvent {
  /** 56 digits, as AWS's; they sort by the event's time, then by arrival. */
  id: string;
  timestamp: number;
  message: string;
  ingestionTime: number;
}

export interface LogStream {
  name: string;
  created: number;
  /** By id. */
  events: LogEvent[];
}

export interface LogGroup {
  name: string;
  created: number;
  streams: Map<string, LogStream>;
}

/** By name. */
export type Store = Map<string, LogGroup>;

/** What AWS counts for an event beside its message. */
export const EVENT_OVERHEAD = 26;

const GROUP_NAME = '[\\.\\-_/#A-Za-z0-9]+';
const STREAM_NAME = '[^:*]*';

export const invalid = (message: string) => new AwsError('InvalidParameterException', message);
const notFound = (what: string) => new AwsError('ResourceNotFoundException', `The specified ${what} does not exist.`);
export const alreadyExists = (what: string) =>
  new AwsError('ResourceAlreadyExistsException', `The specified ${what} already exists`);

type Check = [at: string, value: unknown, ok: boolean, constraint: string];

/** @throws AwsError one InvalidParameterException over all failures */
export function validate(...checks: Check[]): void {
  const violations = checks.filter(([, , ok]) => !ok).map(([at, value, , text]): Violation => [at, value, text]);
  if (violations.length > 0) throw invalid(validationMessage(violations));
}

/** @throws AwsError when one of these input members is set */
export function refuse(input: object, ...members: string[]): void {
  const given = members.filter((member) => (input as Record<string, unknown>)[member] !== undefined);
  if (given.length > 0) throw invalid(`Not supported by the embedded AWS: ${given.join(', ')}`);
}

function validName(at: string, value: string | undefined, pattern: string): Check[] {
  if (value === undefined) return [[at, value, false, 'not be null']];
  const matches = new RegExp(`^(?:${pattern})$`).test(value);
  return [
    [at, value, value.length >= 1, 'have length greater than or equal to 1'],
    [at, value, value.length <= 512, 'have length less than or equal to 512'],
    [at, value, matches, `satisfy regular expression pattern: ${pattern}`],
  ];
}

export const validGroupName = (value?: string, at = 'logGroupName') => validName(at, value, GROUP_NAME);
export const validStreamName = (value?: string, at = 'logStreamName') => validName(at, value, STREAM_NAME);

export function validLimit(value: number, max: number): Check[] {
  return [
    ['limit', value, value >= 1, 'have value greater than or equal to 1'],
    ['limit', value, value <= max, `have value less than or equal to ${max}`],
  ];
}

interface GroupReference {
  logGroupName?: string;
  logGroupIdentifier?: string;
}

/** The group's name, however a request names it: an identifier is a name or an ARN. Unconfirmed: the text for both, or none. */
export function referredGroup({ logGroupName, logGroupIdentifier }: GroupReference): string {
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw invalid('Exactly one of logGroupName and logGroupIdentifier must be given.');
  }
  const name = logGroupName ?? /^arn:[^:]+:logs:[^:]*:\d*:log-group:([^:]+)$/.exec(logGroupIdentifier!)?.[1];
  validate(...validGroupName(name ?? logGroupIdentifier));
  return name ?? logGroupIdentifier!;
}

export function groupArn({ partition, region, account }: World, name: string): string {
  return `arn:${partition}:logs:${region}:${account}:log-group:${name}`;
}

/**
 * Groups are authorized as an unnamed stream of theirs: AWS's denials say so, and it is why a policy on a group has to
 * end in `:*`. Unconfirmed: that the streams' prefix or pattern of a request changes nothing.
 */
export function authorizeGroup({ world, authorize }: Call<object>, action: string, name: string): void {
  authorize(`logs:${action}`, `${groupArn(world, name)}:log-stream:`);
}

export function authorizeStream(
  { world, authorize }: Call<object>,
  action: string,
  name: string,
  stream: string,
): void {
  authorize(`logs:${action}`, `${groupArn(world, name)}:log-stream:${stream}`);
}

export function groupNamed(store: Store, name: string): LogGroup {
  const group = store.get(name);
  if (!group) throw notFound('log group');
  return group;
}

export function streamNamed({ streams }: LogGroup, name: string): LogStream {
  const stream = streams.get(name);
  if (!stream) throw notFound('log stream');
  return stream;
}
