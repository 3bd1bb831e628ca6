import { ListExecutions$, type ListExecutionsInput, type ListExecutionsOutput } from '@aws-sdk/client-sfn';
import { AwsError, operation } from '../../world';
import { redriveCountOf } from '../redrivable';
import { checkArn, checkPageSize, type Store } from '../store';

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'];

export const listExecutions = (store: Store) =>
  operation<ListExecutionsInput, ListExecutionsOutput>(
    'states',
    ListExecutions$,
    'partial: mapRunArn and redriveFilter are refused',
    (call) => {
      const { stateMachineArn, statusFilter, maxResults, nextToken, mapRunArn, redriveFilter } = call.input;
      if (mapRunArn !== undefined || redriveFilter !== undefined) {
        throw new AwsError('ValidationException', 'The embedded AWS supports neither mapRunArn nor redriveFilter');
      }
      const arn = checkArn(stateMachineArn, 'stateMachineArn');
      checkPageSize(maxResults);
      if (statusFilter !== undefined && !STATUSES.includes(statusFilter)) {
        throw new AwsError('ValidationException', `'${statusFilter}' at 'statusFilter' is not one of ${STATUSES}`);
      }
      call.authorize('states:ListExecutions', arn);
      store.machine(arn);
      const executions = Array.from(store.executions.values())
        .filter((execution) => execution.machine.arn === arn && store.remembered(execution.arn))
        .filter((execution) => statusFilter === undefined || execution.status === statusFilter)
        .reverse()
        .sort((one, other) => other.startedAt - one.startedAt);
      const page = store.page(executions, maxResults, nextToken);
      return {
        executions: page.items.map((execution) => ({
          executionArn: execution.arn,
          stateMachineArn: arn,
          name: execution.name,
          status: execution.status,
          startDate: new Date(execution.startedAt),
          stopDate: execution.stoppedAt === undefined ? undefined : new Date(execution.stoppedAt),
          ...redriveCountOf(execution),
        })),
        nextToken: page.nextToken,
      };
    },
  );
