import {
  GetExecutionHistoryCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { Elevation } from '../../state-machine/api';

/** What an execution's history tells, without what the states were given. */
export interface Timeline {
  /** Every state that was entered, in order. */
  entered: { state: string; at: number }[];
  /** Its last event, if that is an end. */
  end: { status: Elevation['status']; at: number } | undefined;
  /** Of the last hold that was scheduled: from when, and until when it lasts if nobody releases it. */
  hold: { since: number; until: number } | undefined;
}

const ENDS: Record<string, Elevation['status']> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionAborted: 'ABORTED',
  ExecutionTimedOut: 'TIMED_OUT',
};

/** Step Functions ends an execution at 25,000 events: at most 25 pages. */
export async function readTimeline(sfn: SFNClient, executionArn: string): Promise<Timeline> {
  const timeline: Timeline = { entered: [], end: undefined, hold: undefined };
  const pages = paginateGetExecutionHistory(
    { client: sfn, pageSize: 1_000 },
    { executionArn, includeExecutionData: false },
  );
  for await (const { events = [] } of pages) for (const event of events) take(event, timeline);
  return timeline;
}

function take(event: HistoryEvent, timeline: Timeline): void {
  const { type = '', timestamp, stateEnteredEventDetails: entered, taskScheduledEventDetails: scheduled } = event;
  const at = timestamp?.getTime() ?? 0;
  if (entered?.name) timeline.entered.push({ state: entered.name, at });
  const lasts = isCallback(event) ? scheduled?.timeoutInSeconds : undefined;
  if (lasts !== undefined) timeline.hold = { since: at, until: at + lasts * 1_000 };
  const status = ENDS[type];
  timeline.end = status && { status, at };
}

/** aws-facts-2 18.2 */
const isCallback = ({ taskScheduledEventDetails: scheduled }: HistoryEvent): boolean =>
  scheduled?.resource?.endsWith('.waitForTaskToken') ?? false;

/** Where an execution is. */
export interface Place {
  state: string;
  /** What the state was given: the whole document. */
  document: unknown;
  /** Of the newest attempt at the state, if it waits for one and that attempt has not ended. */
  token: string | undefined;
}

/** More than a hold leaves that was tried six times. */
const NEWEST = 40;

/** @returns undefined before the first state is entered */
export async function readPlace(sfn: SFNClient, executionArn: string): Promise<Place | undefined> {
  const later: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const newest = { executionArn, reverseOrder: true, maxResults: NEWEST, nextToken };
    const page = await sfn.send(new GetExecutionHistoryCommand(newest));
    for (const event of page.events ?? []) {
      const { name, input } = event.stateEnteredEventDetails ?? {};
      if (name) return { state: name, document: JSON.parse(input ?? 'null'), token: tokenIn(later) };
      later.push(event);
    }
    nextToken = page.nextToken;
  } while (nextToken);
  return undefined;
}

const OVER = ['TaskSucceeded', 'TaskFailed', 'TaskTimedOut', 'TaskStartFailed', 'TaskSubmitFailed', 'TaskStateExited'];

/** @param newest events of one state, the newest first */
function tokenIn(newest: HistoryEvent[]): string | undefined {
  const at = newest.findIndex(isCallback);
  const parameters = newest[at]?.taskScheduledEventDetails?.parameters;
  if (!parameters || newest.slice(0, at).some(({ type = '' }) => OVER.includes(type))) return undefined;
  const { Payload } = JSON.parse(parameters) as { Payload?: { token?: string } };
  return Payload?.token;
}
