import {
  GetExecutionHistoryCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { type Capture, type Document, documentSchema } from '../../state-machine/document';
import { isAws } from './awsErrors';
import { requesterOf } from './requester';

/** What an elevation's own history proves; nobody can write it but Step Functions. */
export interface History {
  /** Was CreateTempRole entered? Before that nothing exists that would have to be undone. */
  begun: boolean;
  /** Epoch ms at which the execution started. */
  started?: number;
  /** Epoch ms at which it ended; undefined: it runs, or its history does not show the end yet. */
  ended?: number;
  instanceId?: string;
  grant?: string;
  requester?: string;
  capture?: Extract<Capture, { done: true }>;
  /** Unique id of the role that createTempRole said it had made. */
  tempRoleId?: string;
  /** Epoch ms at which the temp profile was put on the instance, if a later state was seen. */
  swapped?: number;
  /** The script's command, if it was sent and not seen to end. */
  commandId?: string;
}

/** @returns undefined when Step Functions does not know the execution (any more: it forgets 90 days after the end) */
export async function readHistory(sfn: SFNClient, executionArn: string): Promise<History | undefined> {
  const history: History = { begun: false };
  try {
    // First, so that what is read afterwards is not older: where the end is shown, nothing before it is missing.
    const newest = await latestEvents(sfn, executionArn);
    Object.assign(history, endOf(newest), lateIn(newest));
    for await (const { events = [] } of paginateGetExecutionHistory(
      { client: sfn, pageSize: 1_000 },
      { executionArn },
    )) {
      for (const { timestamp, stateEnteredEventDetails: entered, stateExitedEventDetails: exited } of events) {
        if (timestamp) history.started ??= timestamp.getTime();
        if (entered?.name === 'CreateTempRole') history.begun = true;
        if (exited?.name === 'CaptureProfile') Object.assign(history, readDocument(exited.output));
        if (exited?.name === 'CreateTempRole') return { ...history, ...readDocument(exited.output) };
      }
    }
  } catch (error) {
    if (isAws(error, 'ExecutionDoesNotExist')) return undefined;
    throw error;
  }
  return history;
}

/**
 * Did the elevation restore by itself before it failed? Its last states say so: a Restore that was done leads to
 * ElevationFailed, or to RestoreFailed when a person is needed; one that was given up passes RestoreGaveUp.
 */
export async function restoredItself(sfn: SFNClient, executionArn: string): Promise<boolean> {
  const events = await latestEvents(sfn, executionArn);
  const entered = events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  return (entered[0] === 'ElevationFailed' || entered[0] === 'RestoreFailed') && !entered.includes('RestoreGaveUp');
}

/** The newest events, the newest first: more than a state leaves that is tried nine times. */
async function latestEvents(sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const newest = new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 40 });
  return (await sfn.send(newest)).events ?? [];
}

function endOf([newest]: HistoryEvent[]): Pick<History, 'ended'> {
  const isEnd = /^Execution(Failed|Aborted|TimedOut|Succeeded)$/.test(newest?.type ?? '');
  return isEnd && newest?.timestamp ? { ended: newest.timestamp.getTime() } : {};
}

/** The document travels whole: with what the last state was entered, the run had swapped and sent. */
function lateIn(newest: HistoryEvent[]): Pick<History, 'commandId' | 'swapped'> {
  const last = newest.find(({ stateEnteredEventDetails }) => stateEnteredEventDetails);
  const { commandId, swapped } = readDocument(last?.stateEnteredEventDetails?.input);
  return { ...(commandId && { commandId }), ...(swapped && { swapped }) };
}

/** The state that an execution is in, or was in last; undefined before the first. */
export async function latestState(sfn: SFNClient, executionArn: string): Promise<string | undefined> {
  const newestFirst = { executionArn, reverseOrder: true };
  for await (const { events = [] } of paginateGetExecutionHistory({ client: sfn }, newestFirst)) {
    const entered = events.find(({ stateEnteredEventDetails }) => stateEnteredEventDetails);
    if (entered) return entered.stateEnteredEventDetails?.name;
  }
  return undefined;
}

/** What the document says when it leaves a state. */
function readDocument(output: string | undefined): Partial<History> {
  const { success, data } = documentSchema.safeParse(JSON.parse(output ?? 'null'));
  return success ? evidence(data) : {};
}

/** What a document proves of its run, once the profile is captured. */
export function evidence({ request, capture, tempRole, swap, command, script }: Document): Partial<History> {
  if (!capture?.done) return {};
  const { instanceId, grant } = request as { instanceId: string; grant: string };
  return {
    instanceId,
    grant,
    requester: requesterOf(request),
    capture,
    ...(tempRole && { tempRoleId: tempRole.roleId }),
    ...(swap?.done && swap.since && { swapped: Date.parse(swap.since) }),
    ...(command && !script?.done && { commandId: command.commandId }),
  };
}
