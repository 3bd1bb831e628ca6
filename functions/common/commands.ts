import {
  CancelCommandCommand,
  type CommandInvocation,
  type CommandPlugin,
  ListCommandInvocationsCommand,
  paginateListCommands,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { isAws } from './awsErrors';

/** aws-facts 4.2: at least 30 s; an agent that has not taken a command within a minute will not take it in time. */
export const DELIVERY_SECONDS = 60;

/** aws-facts 4.3: Delayed, Pending and InProgress go on; Cancelling ends as Cancelled. */
const UNFINISHED = ['Pending', 'InProgress', 'Delayed', 'Cancelling'];

/** How a command stands on an instance. Undefined when SSM does not show it (yet): it is eventually consistent. */
export async function invocationOf(
  ssm: SSMClient,
  commandId: string,
  instanceId: string,
): Promise<CommandInvocation | undefined> {
  // ListCommandInvocations, because GetCommandInvocation tells only how one step of the document stands.
  const { CommandInvocations = [] } = await ssm.send(
    new ListCommandInvocationsCommand({ CommandId: commandId, InstanceId: instanceId, Details: true }),
  );
  return CommandInvocations[0];
}

export const isFinished = (invocation: CommandInvocation): boolean =>
  !UNFINISHED.includes(invocation.Status ?? 'Pending');

/** The step that decided: the first that did not succeed, else the last that ran. */
export function decidingStep(plugins: CommandPlugin[] = []): CommandPlugin | undefined {
  const ran = plugins.filter(({ Status }) => Status !== 'Pending');
  // A step that is not for the platform counts as a success, and says so in its output.
  const meant = ran.filter(({ Output }) => !Output?.startsWith('Step execution skipped'));
  return ran.find(({ Status }) => Status !== 'Success') ?? meant.at(-1) ?? ran.at(-1);
}

/**
 * Cancels every unfinished command on an instance that has this comment: ours say which run they belong to. SSM's lists may
 * lag, or be refused: `known` is cancelled first, whether it is listed or not.
 */
export async function cancelCommands(
  ssm: SSMClient,
  instanceId: string,
  comment: string,
  known?: string,
): Promise<void> {
  const cancel = (CommandId: string) =>
    unlessGone<unknown>(ssm.send(new CancelCommandCommand({ CommandId, InstanceIds: [instanceId] })), undefined);
  if (known) await cancel(known);
  const ids = await unlessGone(listed(ssm, instanceId, comment), []);
  for (const id of ids) if (id !== known) await cancel(id);
}

/** An instance that is gone runs nothing; a command that SSM forgot has ended. */
async function unlessGone<T>(asking: Promise<T>, otherwise: T): Promise<T> {
  return asking.catch((error: unknown) => {
    if (isAws(error, 'InvalidInstanceId', 'InvalidCommandId')) return otherwise;
    throw error;
  });
}

async function listed(ssm: SSMClient, instanceId: string, comment: string): Promise<string[]> {
  const ids: string[] = [];
  // Status is no filter of use here: ListCommands takes one value, and three of them are unfinished.
  for await (const { Commands = [] } of paginateListCommands(
    { client: ssm },
    { InstanceId: instanceId, Filters: [{ key: 'ExecutionStage', value: 'Executing' }] },
  )) {
    for (const { CommandId, Comment } of Commands) if (Comment === comment && CommandId) ids.push(CommandId);
  }
  return ids;
}
