import { DescribeExecution$, type DescribeExecutionInput, type DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { operation } from '../../world';
import { redrivability } from '../redrivable';
import { checkArn, type Store } from '../store';

const SUPPORT = 'partial: includedData is ignored';

export const describeExecution = (store: Store) =>
  operation<DescribeExecutionInput, DescribeExecutionOutput>('states', DescribeExecution$, SUPPORT, (call) => {
    const arn = checkArn(call.input.executionArn, 'executionArn');
    call.authorize('states:DescribeExecution', arn);
    const execution = store.execution(arn);
    return {
      executionArn: arn,
      stateMachineArn: execution.machine.arn,
      name: execution.name,
      status: execution.status,
      startDate: new Date(execution.startedAt),
      stopDate: execution.stoppedAt === undefined ? undefined : new Date(execution.stoppedAt),
      input: execution.input,
      inputDetails: { included: true },
      ...execution.outcome,
      outputDetails: execution.outcome.output === undefined ? undefined : { included: true },
      ...redrivability(execution, call.world.clock.now()),
    };
  });
