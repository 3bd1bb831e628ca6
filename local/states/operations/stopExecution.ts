import { StopExecution$, type StopExecutionInput, type StopExecutionOutput } from '@aws-sdk/client-sfn';
import { operation } from '../../world';
import { checkArn, type Store, validation } from '../store';

export const stopExecution = (store: Store) =>
  operation<StopExecutionInput, StopExecutionOutput>('states', StopExecution$, 'full', (call) => {
    const { executionArn, error, cause } = call.input;
    const arn = checkArn(executionArn, 'executionArn');
    checkLength('error', error, 256);
    checkLength('cause', cause, 32_768);
    call.authorize('states:StopExecution', arn);
    const execution = store.execution(arn);
    execution.close('ABORTED', { error, cause });
    // Unconfirmed: an execution that had ended before answers with the time of that end.
    return { stopDate: new Date(execution.stoppedAt!) };
  });

function checkLength(name: string, value: string | undefined, most: number): void {
  if ((value?.length ?? 0) > most) throw validation(name, '…', `have length less than or equal to ${most}`);
}
