import type { Command, CommandInvocation, CommandPlugin, GetCommandInvocationResult } from '@aws-sdk/client-ssm';
import type { World } from '../world';
import { outputKey } from './s3';
import type { Invocation, StepRun, StoredCommand } from './state';

const UNDELIVERED = ['DeliveryTimedOut', 'Undeliverable'];

export const isFinal = ({ status }: Invocation) => !['Pending', 'InProgress', 'Cancelling'].includes(status);

/** The parent's status: aws-facts 4.3. An undelivered invocation is no error; ExecutionTimedOut makes the parent Failed. */
function commandStatus({ invocations }: StoredCommand): [NonNullable<Command['Status']>, string] {
  if (invocations.every((invocation) => invocation.status === 'Pending')) return ['Pending', 'Pending'];
  if (!invocations.every(isFinal)) return ['InProgress', 'InProgress'];
  const details = invocations.map((invocation) => invocation.statusDetails);
  if (details.includes('Failed') || details.includes('ExecutionTimedOut')) return ['Failed', 'Failed'];
  const undelivered = details.find((detail) => UNDELIVERED.includes(detail));
  if (undelivered) return ['TimedOut', undelivered];
  return details.includes('Cancelled') ? ['Cancelled', 'Cancelled'] : ['Success', 'Success'];
}

/** Unconfirmed: that the name of a group that the request does not name stays empty. */
const requestFields = ({ id, request }: StoredCommand) => ({
  CommandId: id,
  DocumentName: request.DocumentName,
  DocumentVersion: request.DocumentVersion ?? '$DEFAULT',
  Comment: request.Comment ?? '',
  CloudWatchOutputConfig: {
    CloudWatchLogGroupName: request.CloudWatchOutputConfig?.CloudWatchLogGroupName ?? '',
    CloudWatchOutputEnabled: request.CloudWatchOutputConfig?.CloudWatchOutputEnabled ?? false,
  },
});
const date = (ms?: number) => (ms === undefined ? undefined : new Date(ms));

export function commandView(command: StoredCommand, region: string): Command {
  const { request, invocations } = command;
  const [Status, StatusDetails] = commandStatus(command);
  const count = (...details: string[]) => invocations.filter((one) => details.includes(one.statusDetails)).length;
  return {
    ...requestFields(command),
    ExpiresAfter: new Date(command.expiresAfter),
    Parameters: request.Parameters ?? {},
    InstanceIds: request.InstanceIds,
    Targets: [],
    RequestedDateTime: new Date(command.requestedAt),
    Status,
    StatusDetails,
    OutputS3Region: region,
    OutputS3BucketName: request.OutputS3BucketName ?? '',
    OutputS3KeyPrefix: request.OutputS3KeyPrefix ?? '',
    MaxConcurrency: '50',
    MaxErrors: '0',
    TargetCount: invocations.length,
    CompletedCount: invocations.filter(isFinal).length,
    ErrorCount: count('Failed', 'ExecutionTimedOut'),
    DeliveryTimedOutCount: count(...UNDELIVERED),
    ServiceRole: '',
    NotificationConfig: { NotificationArn: '', NotificationEvents: [] },
    TimeoutSeconds: command.timeoutSeconds,
    AlarmConfiguration: { Alarms: [], IgnorePollAlarmFailure: false },
    TriggeredAlarms: [],
  };
}

/** One step; its output and times appear when the agent has reported its end. */
export function stepView(
  world: World,
  command: StoredCommand,
  invocation: Invocation,
  run: StepRun,
): GetCommandInvocationResult {
  const reported = run.status === 'Pending' ? invocation : run;
  const { startedAt, endedAt } = run;
  return {
    ...requestFields(command),
    InstanceId: invocation.instanceId,
    PluginName: run.step.name,
    ResponseCode: run.responseCode,
    ExecutionStartDateTime: date(startedAt)?.toISOString(),
    ExecutionElapsedTime: startedAt === undefined || endedAt === undefined ? '' : duration(endedAt - startedAt),
    ExecutionEndDateTime: date(endedAt)?.toISOString() ?? '',
    Status: reported.status,
    StatusDetails: reported.statusDetails,
    StandardOutputContent: prefix(run.stdout, 24_000),
    StandardOutputUrl: outputUrl(world, command, invocation, run, 'stdout'),
    StandardErrorContent: prefix(run.stderr, 8_000),
    StandardErrorUrl: outputUrl(world, command, invocation, run, 'stderr'),
  };
}

export function invocationView(
  world: World,
  command: StoredCommand,
  invocation: Invocation,
  details: boolean,
): CommandInvocation {
  return {
    ...requestFields(command),
    InstanceId: invocation.instanceId,
    InstanceName: '',
    RequestedDateTime: new Date(command.requestedAt),
    Status: invocation.status,
    StatusDetails: invocation.statusDetails,
    StandardOutputUrl: '',
    StandardErrorUrl: '',
    CommandPlugins: details ? invocation.steps.map((run) => pluginView(world, command, invocation, run)) : [],
  };
}

function pluginView(world: World, command: StoredCommand, invocation: Invocation, run: StepRun): CommandPlugin {
  const view = stepView(world, command, invocation, run);
  return {
    Name: run.step.name,
    // A plugin has no status 'Cancelling'.
    Status: view.Status === 'Cancelling' ? 'InProgress' : (view.Status as CommandPlugin['Status']),
    StatusDetails: view.StatusDetails,
    ResponseCode: run.responseCode,
    ResponseStartDateTime: date(run.startedAt),
    ResponseFinishDateTime: date(run.endedAt),
    Output: bothStreams(run.stdout, run.stderr),
    StandardOutputUrl: view.StandardOutputUrl,
    StandardErrorUrl: view.StandardErrorUrl,
    OutputS3Region: world.region,
    OutputS3BucketName: command.request.OutputS3BucketName ?? '',
    OutputS3KeyPrefix: command.request.OutputS3KeyPrefix ?? '',
  };
}

function outputUrl(world: World, command: StoredCommand, invocation: Invocation, run: StepRun, stream: string): string {
  const bucket = command.request.OutputS3BucketName;
  if (!bucket) return '';
  return `https://s3.${world.region}.amazonaws.com/${bucket}/${outputKey(command, invocation.instanceId, run)}/${stream}`;
}

/** The agent's cut: the mark counts as part of `length`. */
function prefix(text: string, length: number, mark = '--output truncated--'): string {
  return text.length <= length ? text : text.slice(0, Math.max(0, length - mark.length)) + mark;
}

/** Both streams in 2,500 characters: aws-facts 4.3. Unconfirmed: how they share them when both are long. */
function bothStreams(stdout: string, stderr: string): string {
  const title = stderr ? '\n----------ERROR-------\n' : '';
  const space = 2_500 - title.length;
  const forErrors = Math.min(stderr.length, Math.max(space / 2, space - stdout.length));
  return prefix(stdout, space - forErrors) + title + prefix(stderr, forErrors);
}

/** ISO 8601 as AWS writes it: PT0.026S, PT1M5.5S. */
function duration(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = (ms % 60_000) / 1000;
  return `PT${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds || ms === 0 ? `${seconds}S` : ''}`;
}
