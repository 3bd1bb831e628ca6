import { ListStateMachines$, type ListStateMachinesInput, type ListStateMachinesOutput } from '@aws-sdk/client-sfn';
import { operation } from '../../world';
import { checkPageSize, type Store } from '../store';

export const listStateMachines = (store: Store) =>
  operation<ListStateMachinesInput, ListStateMachinesOutput>('states', ListStateMachines$, 'full', (call) => {
    const { maxResults, nextToken } = call.input;
    checkPageSize(maxResults);
    call.authorize('states:ListStateMachines');
    const page = store.page(Array.from(store.machines.values()), maxResults, nextToken);
    return {
      stateMachines: page.items.map(({ arn, name, createdAt }) => ({
        stateMachineArn: arn,
        name,
        type: 'STANDARD',
        creationDate: new Date(createdAt),
      })),
      nextToken: page.nextToken,
    };
  });
