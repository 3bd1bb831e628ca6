import { CancelCommand$, type CancelCommandRequest, type CancelCommandResult } from '@aws-sdk/client-ssm';
import { AwsError, operation } from '../../world';
import { given, type Ssm, type StopReason, validate, validCommandId, validInstanceIds } from '../state';
import { isFinal } from '../views';

export const cancelCommand = ({ commands }: Ssm) =>
  operation<CancelCommandRequest, CancelCommandResult>('ssm', CancelCommand$, 'full', ({ input, authorize }) => {
    const { CommandId, InstanceIds = [] } = input;
    validate(given('commandId', CommandId), validCommandId(CommandId), ...validInstanceIds(InstanceIds));
    authorize('ssm:CancelCommand');
    const command = commands.get(CommandId!);
    if (!command) throw new AwsError('InvalidCommandId', `Command id ${CommandId} does not exist.`);
    for (const invocation of command.invocations) {
      const named = InstanceIds.length === 0 || InstanceIds.includes(invocation.instanceId);
      if (!named || isFinal(invocation)) continue;
      // A dead instance does not answer: its status stays.
      if (invocation.stop.signal.aborted) continue;
      invocation.status = 'Cancelling';
      invocation.statusDetails = 'Cancelling';
      invocation.stop.abort('Cancelled' satisfies StopReason);
    }
    return {};
  });
