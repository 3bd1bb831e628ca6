import {
  type CommandFilter,
  ListCommands$,
  type ListCommandsRequest,
  type ListCommandsResult,
} from '@aws-sdk/client-ssm';
import { AwsError, operation } from '../../world';
import { newestFirst, validatePage } from '../pages';
import { type Ssm, type StoredCommand, validate, validCommandId, validInstanceId } from '../state';
import { commandView, isFinal } from '../views';

export const listCommands = ({ world, commands }: Ssm) =>
  operation<ListCommandsRequest, ListCommandsResult>('ssm', ListCommands$, 'full', ({ input, authorize }) => {
    validate(validCommandId(input.CommandId), validInstanceId(input.InstanceId));
    validatePage(input);
    authorize('ssm:ListCommands');
    const { CommandId, InstanceId, Filters = [] } = input;
    const isWanted = (command: StoredCommand) =>
      (!CommandId || command.id === CommandId) &&
      (!InstanceId || command.invocations.some(({ instanceId }) => instanceId === InstanceId)) &&
      Filters.every((filter) => matches(command, filter));
    const { items, NextToken } = newestFirst([...commands.values()], isWanted, input);
    return { Commands: items.map((command) => commandView(command, world.region)), NextToken };
  });

function matches(command: StoredCommand, { key, value }: CommandFilter): boolean {
  const view = commandView(command, '');
  if (key === 'InvokedAfter') return command.requestedAt > Date.parse(value!);
  if (key === 'InvokedBefore') return command.requestedAt < Date.parse(value!);
  if (key === 'Status') return value === view.Status || value === view.StatusDetails;
  if (key === 'ExecutionStage') return value === (command.invocations.every(isFinal) ? 'Complete' : 'Executing');
  if (key === 'DocumentName') return value === view.DocumentName;
  throw new AwsError('InvalidFilterKey', `${key} filter Key is invalid.`);
}
