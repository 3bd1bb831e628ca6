import {
  ListCommandInvocations$,
  type ListCommandInvocationsRequest,
  type ListCommandInvocationsResult,
} from '@aws-sdk/client-ssm';
import { operation } from '../../world';
import { type Filtered, matches, validFilters } from '../filters';
import { newestFirst, validatePage } from '../pages';
import { type Invocation, type Ssm, type StoredCommand, validate, validCommandId, validInstanceId } from '../state';
import { invocationView } from '../views';

export const listCommandInvocations = ({ world, commands }: Ssm) =>
  operation<ListCommandInvocationsRequest, ListCommandInvocationsResult>(
    'ssm',
    ListCommandInvocations$,
    'full',
    ({ input, authorize }) => {
      const { CommandId, InstanceId, Details = false, Filters = [] } = input;
      validate(validCommandId(CommandId), validInstanceId(InstanceId), ...validFilters(input.Filters));
      validatePage(input);
      authorize('ssm:ListCommandInvocations');
      const all = [...commands.values()].flatMap((command) =>
        command.invocations.map((invocation) => ({ command, invocation })),
      );
      const isWanted = ({ command, invocation }: (typeof all)[number]) =>
        (!CommandId || command.id === CommandId) &&
        (!InstanceId || invocation.instanceId === InstanceId) &&
        Filters.every((filter) => matches(filtered(command, invocation), filter));
      const { items, NextToken } = newestFirst(all, isWanted, input);
      return {
        CommandInvocations: items.map(({ command, invocation }) => invocationView(world, command, invocation, Details)),
        NextToken,
      };
    },
  );

const filtered = ({ requestedAt, request }: StoredCommand, { status, statusDetails }: Invocation): Filtered => ({
  requestedAt,
  statuses: [status, statusDetails],
  documentName: request.DocumentName,
});
