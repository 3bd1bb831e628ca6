import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { table } from './table';

/** The table below an execution in the console. Times are the account's. */
export function historyTable(events: HistoryEvent[]): string {
  const start = events[0]?.timestamp?.getTime() ?? 0;
  let state = '';
  const rows = events.map((event) => {
    state = event.stateEnteredEventDetails?.name ?? state;
    const after = ((event.timestamp?.getTime() ?? 0) - start) / 1000;
    const ofExecution = event.type?.startsWith('Execution');
    return [String(event.id), event.type ?? '', ofExecution ? '' : state, functionOf(event), after.toFixed(1)];
  });
  return table(['ID', 'Type', 'Step', 'Lambda function', 'Started after (s)'], rows, { right: [4] });
}

/** arn:aws:lambda:REGION:ACCOUNT:function:NAME:VERSION -> NAME:VERSION */
const functionOf = ({ lambdaFunctionScheduledEventDetails: details }: HistoryEvent): string =>
  details?.resource?.split(':').slice(6).join(':') ?? '';
