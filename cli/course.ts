import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { readCause } from '../state-machine/cause';
import type { Document } from '../state-machine/document';

/** An execution as the events of its history tell it so far. */
export interface Course {
  executionArn: string;
  events: HistoryEvent[];
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  /** Names of the states that were entered, in order; the last is the one it is in. */
  entered: string[];
  /** What travels through the machine, as the last state took or left it. */
  document: Partial<Document>;
  error: string;
  cause: string;
}

export const newCourse = (executionArn: string): Course => ({
  executionArn,
  events: [],
  status: 'RUNNING',
  entered: [],
  document: {},
  error: '',
  cause: '',
});

const ENDS: Record<string, Course['status']> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

/** Takes the next event in. */
export function advance(course: Course, event: HistoryEvent): void {
  course.events.push(event);
  const { executionStartedEventDetails: started, stateEnteredEventDetails: entered } = event;
  const { stateExitedEventDetails: exited } = event;
  if (started) course.document = { request: parse(started.input) };
  if (entered?.name) course.entered.push(entered.name);
  // Begin's input is the bare request; from there on every state takes and leaves the document.
  const text = entered && course.entered.length > 1 ? entered.input : exited?.output;
  if (text) course.document = parse(text) as Document;
  if (event.type === 'ExecutionRedriven') Object.assign(course, { status: 'RUNNING', error: '', cause: '' });
  const status = ENDS[event.type ?? ''];
  if (!status) return;
  const { error = '', cause = '' } =
    event.executionFailedEventDetails ??
    event.executionTimedOutEventDetails ??
    event.executionAbortedEventDetails ??
    {};
  Object.assign(course, { status, error, cause: readCause(cause) });
}

export const hasEnded = ({ status }: Course): boolean => status !== 'RUNNING';

/** Epoch ms of the first and of the last event. */
export const startOf = ({ events }: Course): number => events[0]?.timestamp?.getTime() ?? 0;
export const latestOf = ({ events }: Course): number => events.at(-1)?.timestamp?.getTime() ?? 0;

/** The name at the end of an execution's ARN. */
export const nameOf = (executionArn: string): string => executionArn.slice(executionArn.lastIndexOf(':') + 1);

/** Step Functions starts a machine with any JSON: what of a request can be shown. */
export function shownOf(request: unknown): { instanceId: string; grant: string; reason: string } {
  const { instanceId, grant, reason } = (request ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return { instanceId: text(instanceId), grant: text(grant), reason: text(reason) };
}

/** {} for what is no JSON. */
export function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}') ?? {};
  } catch {
    return {};
  }
}
