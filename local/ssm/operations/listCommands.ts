import { ListCommands$, type ListCommandsRequest, type ListCommandsResult } from '@aws-sdk/client-ssm';
import { operation } from '../../world';
import { type Filtered, matches, validFilters } from '../filters';
import { newestFirst, validatePage } from '../pages';
import { type Ssm, type StoredCommand, validate, validCommandId, validInstanceId } from '../state';
import { commandView, isFinal } from '../views';

export const listCommands = ({ world, commands }: Ssm) =>
  operation<ListCommandsRequest, ListCommandsResult>('ssm', ListCommands$, 'full', ({ input, authorize }) => {
    validate(validCommandId(input.CommandId), validInstanceId(input.InstanceId), ...validFilters(input.Filters));
    validatePage(input);
    authorize('ssm:ListCommands');
    const { CommandId, InstanceId, Filters = [] } = input;
    const isWanted = (command: StoredCommand) =>
      (!CommandId || command.id === CommandId) &&
      (!InstanceId || command.invocations.some(({ instanceId }) => instanceId === InstanceId)) &&
      Filters.every((filter) => matches(filtered(command), filter));
    const listed = world.assumptions.commandsAreListed ? [...commands.values()] : [];
    const { items, NextToken } = newestFirst(listed, isWanted, input);
    return { Commands: items.map((command) => commandView(command, world.region)), NextToken };
  });

function filtered(command: StoredCommand): Filtered {
  const { Status, StatusDetails, DocumentName } = commandView(command, '');
  return {
    requestedAt: command.requestedAt,
    statuses: [Status, StatusDetails],
    documentName: DocumentName,
    stage: command.invocations.every(isFinal) ? 'Complete' : 'Executing',
  };
}
