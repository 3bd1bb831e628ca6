import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import type { Execution } from './execution';

const DAY = 24 * 3_600_000;
/** aws-facts 5.3 */
const PERIOD = 14 * DAY;
const LONGEST_EXECUTION = 365 * DAY;
/** ExecutionRedriven and one more event have to fit. */
const MOST_EVENTS = 24_998;

type Redrivability = Pick<
  DescribeExecutionOutput,
  'redriveCount' | 'redriveDate' | 'redriveStatus' | 'redriveStatusReason'
>;

/** Why an execution cannot be redriven, in the words of the model; undefined when it can. */
export function obstacle({ status, stoppedAt, startedAt, events, doomed }: Execution, now: number): string | undefined {
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  if (doomed) return 'State machine is in DELETING status';
  if (now - startedAt > LONGEST_EXECUTION) return 'Execution has exceeded the max execution time';
  if (now - stoppedAt! > PERIOD) return 'Execution redrivable period exceeded';
  if (events.length > MOST_EVENTS) return 'Execution history event limit exceeded';
  return undefined;
}

/** What DescribeExecution says of redrives. */
export function redrivability(execution: Execution, now: number): Redrivability {
  const redriveStatusReason = obstacle(execution, now);
  const redriveStatus = redriveStatusReason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE';
  return { ...redriveCountOf(execution), redriveStatus, redriveStatusReason };
}

export function redriveCountOf({ redrives }: Execution): Pick<Redrivability, 'redriveCount' | 'redriveDate'> {
  const last = redrives.at(-1);
  return { redriveCount: redrives.length, redriveDate: last && new Date(last.at) };
}
