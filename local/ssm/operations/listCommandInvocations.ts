import {
  ListCommandInvocations$,
  type ListCommandInvocationsRequest,
  type ListCommandInvocationsResult,
} from '@aws-sdk/client-ssm';
import { operation } from '../../world';
import { newestFirst, validatePage } from '../pages';
import { refuse, type Ssm, validate, validCommandId, validInstanceId } from '../state';
import { invocationView } from '../views';

export const listCommandInvocations = ({ world, commands }: Ssm) =>
  operation<ListCommandInvocationsRequest, ListCommandInvocationsResult>(
    'ssm',
    ListCommandInvocations$,
    'partial: no Filters',
    ({ input, authorize }) => {
      const { CommandId, InstanceId, Details = false } = input;
      validate(validCommandId(CommandId), validInstanceId(InstanceId));
      validatePage(input);
      refuse(input, 'Filters');
      authorize('ssm:ListCommandInvocations');
      const all = [...commands.values()].flatMap((command) =>
        command.invocations.map((invocation) => ({ command, invocation })),
      );
      const isWanted = ({ command, invocation }: (typeof all)[number]) =>
        (!CommandId || command.id === CommandId) && (!InstanceId || invocation.instanceId === InstanceId);
      const { items, NextToken } = newestFirst(all, isWanted, input);
      return {
        CommandInvocations: items.map(({ command, invocation }) => invocationView(world, command, invocation, Details)),
        NextToken,
      };
    },
  );
