import { paginateGetExecutionHistory, type SFNClient } from '@aws-sdk/client-sfn';
import { type Capture, documentSchema } from '../../state-machine/document';
import { isAws } from './awsErrors';

/** What an elevation's own history proves; nobody can write it but Step Functions. */
export interface History {
  /** Was CreateTempRole entered? Before that nothing exists that would have to be undone. */
  begun: boolean;
  instanceId?: string;
  capture?: Extract<Capture, { done: true }>;
}

/** @returns undefined when Step Functions does not know the execution (any more: it forgets 90 days after the end) */
export async function readHistory(sfn: SFNClient, executionArn: string): Promise<History | undefined> {
  const history: History = { begun: false };
  try {
    for await (const { events = [] } of paginateGetExecutionHistory(
      { client: sfn, pageSize: 1_000 },
      { executionArn },
    )) {
      for (const { stateEnteredEventDetails: entered, stateExitedEventDetails: exited } of events) {
        if (entered?.name === 'CreateTempRole') return { ...history, begun: true };
        if (exited?.name === 'CaptureProfile') Object.assign(history, readCapture(exited.output));
      }
    }
  } catch (error) {
    if (isAws(error, 'ExecutionDoesNotExist')) return undefined;
    throw error;
  }
  return history;
}

/** The document as it left CaptureProfile. */
function readCapture(output: string | undefined): Partial<History> {
  const { success, data } = documentSchema.safeParse(JSON.parse(output ?? 'null'));
  if (!success || !data.capture?.done) return {};
  return { capture: data.capture, instanceId: (data.request as { instanceId: string }).instanceId };
}
