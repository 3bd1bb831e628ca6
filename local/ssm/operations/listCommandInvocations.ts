import {
  ListCommandInvocations$,
  type ListCommandInvocationsRequest,
  type ListCommandInvocationsResult,
} from '@aws-sdk/client-ssm';
import { operation } from '../../world';
import { refuse, type Ssm, validate, validCommandId, validInstanceId } from '../state';
import { invocationView } from '../views';

export const listCommandInvocations = ({ world, commands }: Ssm) =>
  operation<ListCommandInvocationsRequest, ListCommandInvocationsResult>(
    'ssm',
    ListCommandInvocations$,
    'partial: no Filters, one page, MaxResults is ignored',
    ({ input, authorize }) => {
      const { CommandId, InstanceId, Details = false } = input;
      validate(validCommandId(CommandId), validInstanceId(InstanceId));
      refuse(input, 'Filters', 'NextToken');
      authorize('ssm:ListCommandInvocations');
      const found = [...commands.values()].filter(({ id }) => !CommandId || id === CommandId).reverse();
      return {
        CommandInvocations: found.flatMap((command) =>
          command.invocations
            .filter(({ instanceId }) => !InstanceId || instanceId === InstanceId)
            .map((invocation) => invocationView(world, command, invocation, Details)),
        ),
      };
    },
  );
