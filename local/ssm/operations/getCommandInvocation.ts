import {
  GetCommandInvocation$,
  type GetCommandInvocationRequest,
  type GetCommandInvocationResult,
} from '@aws-sdk/client-ssm';
import { AwsError, operation } from '../../world';
import { given, type Ssm, validate, validCommandId, validInstanceId, validLength } from '../state';
import { stepView } from '../views';

export const getCommandInvocation = ({ world, commands }: Ssm) =>
  operation<GetCommandInvocationRequest, GetCommandInvocationResult>(
    'ssm',
    GetCommandInvocation$,
    'full',
    ({ input, authorize }) => {
      validate(
        given('commandId', input.CommandId),
        validCommandId(input.CommandId),
        given('instanceId', input.InstanceId),
        validInstanceId(input.InstanceId),
        ...validLength('pluginName', input.PluginName, 4),
      );
      authorize('ssm:GetCommandInvocation');
      const command = commands.get(input.CommandId!);
      const invocation = command?.invocations.find(({ instanceId }) => instanceId === input.InstanceId);
      if (!command || !invocation) throw new AwsError('InvocationDoesNotExist', '');
      const { steps } = invocation;
      // Unconfirmed: that a document of several steps is refused without a name.
      const run = input.PluginName ? steps.find(({ step }) => step.name === input.PluginName) : steps[0];
      if (!run || (!input.PluginName && steps.length > 1)) throw new AwsError('InvalidPluginName', '');
      return stepView(world, command, invocation, run);
    },
  );
