import {
  GetExecutionHistory$,
  type GetExecutionHistoryInput,
  type GetExecutionHistoryOutput,
  type HistoryEvent,
} from '@aws-sdk/client-sfn';
import { operation } from '../../world';
import { checkArn, checkPageSize, type Store } from '../store';

export const getExecutionHistory = (store: Store) =>
  operation<GetExecutionHistoryInput, GetExecutionHistoryOutput>('states', GetExecutionHistory$, 'full', (call) => {
    const { executionArn, maxResults, nextToken, reverseOrder, includeExecutionData = true } = call.input;
    const arn = checkArn(executionArn, 'executionArn');
    checkPageSize(maxResults);
    call.authorize('states:GetExecutionHistory', arn);
    const { events } = store.execution(arn);
    const page = store.page(reverseOrder ? events.toReversed() : events, maxResults, nextToken);
    const shown = includeExecutionData ? page.items : page.items.map(withoutData);
    return { events: shown as unknown as HistoryEvent[], nextToken: page.nextToken };
  });

/** Drops every event's input and output. */
function withoutData(event: object): object {
  const data = ['input', 'inputDetails', 'output', 'outputDetails'];
  const strip = (details: object) => Object.fromEntries(Object.entries(details).filter(([key]) => !data.includes(key)));
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => [key, key.endsWith('EventDetails') ? strip(value) : value]),
  );
}
