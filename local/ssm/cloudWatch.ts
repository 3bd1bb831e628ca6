import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { agentSettings } from './agentClient';
import type { Ssm, StepRun, StoredCommand } from './state';

/** The agent's events have up to 200,000 bytes: here characters, each of three bytes at most, and one event in a request. */
const MESSAGE = /[\s\S]{1,200000}(?:\n|$)|[\s\S]{1,200000}/g;
/** What a group's name cannot have is replaced in a document's, which may be an ARN. */
const NOT_IN_GROUP_NAMES = /[^a-zA-Z0-9_\-/.#]/g;

/**
 * What the agent does with a step's output when the request wants it in CloudWatch. A failure changes no status
 * (aws-facts-2 17.1). The real agent does not wait for the step's end, here all comes at once.
 */
export async function publishOutput(ssm: Ssm, command: StoredCommand, instanceId: string, run: StepRun): Promise<void> {
  const { CloudWatchOutputConfig: config, DocumentName } = command.request;
  if (!config?.CloudWatchOutputEnabled || !(run.stdout || run.stderr)) return;
  const group = config.CloudWatchLogGroupName ?? `/aws/ssm/${DocumentName}`.replace(NOT_IN_GROUP_NAMES, '.');
  const stream = `${command.id}/${instanceId}/${run.step.name.replaceAll(':', '-')}`;
  const publish = async () => {
    const client = new CloudWatchLogsClient(agentSettings(ssm, instanceId));
    try {
      await ensureGroup(client, group);
      for (const name of ['stdout', 'stderr'] as const) {
        await publishStream(client, group, `${stream}/${name}`, run[name], ssm.world.clock.now);
      }
    } finally {
      client.destroy();
    }
  };
  await publish().catch(() => {});
}

const isThere = (error: { name: string }) => {
  if (error.name !== 'ResourceAlreadyExistsException') throw error;
};

/** A look that is denied counts as 'there is none'. */
async function ensureGroup(client: CloudWatchLogsClient, logGroupName: string): Promise<void> {
  const look = client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
  const { logGroups = [] } = await look.catch(() => ({ logGroups: [] }));
  if (logGroups.some((group) => group.logGroupName === logGroupName)) return;
  await client.send(new CreateLogGroupCommand({ logGroupName })).catch(isThere);
}

/** No stream without data; a sequence token that cannot be read is done without. */
async function publishStream(
  client: CloudWatchLogsClient,
  logGroupName: string,
  logStreamName: string,
  text: string,
  now: () => number,
): Promise<void> {
  const messages = messagesOf(text);
  if (messages.length === 0) return;
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch(isThere);
  const look = client.send(new DescribeLogStreamsCommand({ logGroupName, logStreamNamePrefix: logStreamName }));
  const { logStreams = [] } = await look.catch(() => ({ logStreams: [] }));
  const sequenceToken = logStreams[0]?.uploadSequenceToken;
  for (const message of messages) {
    const logEvents = [{ timestamp: now(), message }];
    await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents, sequenceToken }));
  }
}

/** As many lines together as fit, without the end of the last; a line that is too long is cut. */
const messagesOf = (text: string): string[] =>
  (text.match(MESSAGE) ?? []).map((message) => message.replace(/\n$/, '')).filter((message) => message !== '');
