import type { EC2Client } from '@aws-sdk/client-ec2';
import { type CommandInvocation, GetCommandInvocationCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Script, TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import type { OutputLocation } from '../../state-machine/output';
import { attachedTo, isNamed } from '../common/associations';
import type { Clock } from '../common/clock';
import { decidingStep, invocationOf, isFinished } from '../common/commands';
import { requireRunning } from '../common/instance';
import type { Deps } from '../common/lambda';
import { tempName } from '../common/names';
import { nextLook, poll } from '../common/poll';
import { requireFirstRun } from '../common/record';
import { captureOf, requestOf } from '../common/request';

type Ended = Extract<Script, { done: true }>;

/** aws-facts 4.3. What is not here ended badly on the instance. */
const STATUS: Record<string, Ended['status']> = {
  Success: 'Success',
  ExecutionTimedOut: 'ScriptTimedOut',
  DeliveryTimedOut: 'CommandUndeliverable',
  Undeliverable: 'CommandUndeliverable',
  Terminated: 'CommandUndeliverable',
  InvalidPlatform: 'CommandRejected',
  AccessDenied: 'CommandRejected',
};

/** aws-facts 4.3: SSM keeps this much of each stream. */
const KEPT_STDOUT = 24_000;
const KEPT_STDERR = 8_000;
/** A document travels at most 256 KiB; 24,000 characters are up to 72 KB, but control characters grow sixfold in JSON. */
const LARGEST_JSON = 96 * 1024;

/**
 * Follows the one command. However it ends is a result; Restore makes the elevation's error of it.
 * @throws StepUpError InstanceNotRunning when the instance was stopped or terminated under it, Superseded when somebody
 * took the temp profile away from it, ElevationClosed in a redriven run
 */
export async function follow(
  { document, execution }: TaskEvent,
  { ec2, ssm, clock }: Deps<{ ec2: EC2Client; ssm: SSMClient }>,
): Promise<Script> {
  // A redriven run has been restored meanwhile: nobody else took its profile away.
  requireFirstRun(execution);
  const { instanceId } = requestOf(document);
  const { output } = captureOf(document);
  const { commandId, sent } = document.command as NonNullable<typeof document.command>;
  const expires = Date.parse(document.tempRole?.expires ?? sent);
  const finished = async () => {
    const seen = await invocationOf(ssm, commandId, instanceId);
    return seen && isFinished(seen) ? seen : undefined;
  };
  const invocation = await poll(clock, finished);
  if (invocation) return ended(ssm, invocation, output);
  // SSM would notice only when the command's own time is over.
  await requireRunning(ec2, instanceId);
  const taken = await whatTookItsPlace(ec2, clock, instanceId, tempName(execution.Id));
  if (taken) {
    // It may have ended, or its instance, while that was looked at.
    const last = await finished();
    if (last) return ended(ssm, last, output);
    await requireRunning(ec2, instanceId);
    throw superseded(instanceId, taken);
  }
  // An instance that is gone may leave its command InProgress: once the grant has expired nothing is worth waiting for.
  if (clock.now() > expires) return NO_ANSWER;
  return { done: false, waitSeconds: nextLook(clock.now() - Date.parse(sent)) };
}

const NO_ANSWER: Ended = {
  done: true,
  status: 'ScriptTimedOut',
  statusDetails: 'NoAnswer',
  exitCode: -1,
  step: '',
  stdout: '',
  stderr: '',
  truncated: false,
  stdoutUrl: '',
  stderrUrl: '',
  logGroup: '',
  logStreams: '',
};

/** EC2's lists lag: one look that misses the profile proves nothing. */
const SECOND_LOOK_MS = 5_000;

/** @returns what is attached instead of the temp profile, 'none' if nothing is; undefined if the temp profile is attached */
async function whatTookItsPlace(ec2: EC2Client, clock: Clock, instanceId: string, name: string) {
  if (isNamed(await attachedTo(ec2, instanceId), name)) return undefined;
  await clock.sleep(SECOND_LOOK_MS);
  const attached = await attachedTo(ec2, instanceId);
  return isNamed(attached, name) ? undefined : (attached?.profileArn ?? 'none');
}

/** A script that has lost its grant, and maybe its credentials, in the middle is not left to run on. */
const superseded = (instanceId: string, taken: string): StepUpError =>
  new StepUpError(
    'Superseded',
    `Somebody took the temp profile off ${instanceId} while the script ran (now: ${taken}); the script is cancelled. Find out who manages the instance's profile and start again.`,
  );

async function ended(ssm: SSMClient, invocation: CommandInvocation, location: OutputLocation | null): Promise<Ended> {
  const { CommandId, InstanceId } = invocation;
  const step = decidingStep(invocation.CommandPlugins);
  const output = step?.Name
    ? await ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId, PluginName: step.Name }))
    : undefined;
  const stdout = output?.StandardOutputContent ?? '';
  const stderr = output?.StandardErrorContent ?? '';
  const statusDetails = invocation.StatusDetails ?? invocation.Status ?? 'Failed';
  const kept = { stdout: clip(stdout), stderr: clip(stderr) };
  return {
    done: true,
    status: STATUS[statusDetails] ?? 'ScriptFailed',
    statusDetails,
    exitCode: step?.ResponseCode ?? output?.ResponseCode ?? -1,
    step: step?.Name ?? '',
    ...kept,
    truncated:
      stdout.length >= KEPT_STDOUT || stderr.length >= KEPT_STDERR || kept.stdout !== stdout || kept.stderr !== stderr,
    stdoutUrl: output?.StandardOutputUrl ?? '',
    stderrUrl: output?.StandardErrorUrl ?? '',
    ...streamsOf(step?.Name ? location : null, `${CommandId}/${InstanceId}/${step?.Name}`),
  };
}

/** SSM tells where in S3 the output is, but not where in CloudWatch Logs: aws-facts 4.3. */
function streamsOf(location: OutputLocation | null, path: string): Pick<Ended, 'logGroup' | 'logStreams'> {
  if (!location || 's3' in location) return { logGroup: '', logStreams: '' };
  // The agent's own replacement: names of streams have neither.
  return { logGroup: location.cloudWatchLogGroup, logStreams: path.replace(/[:*]/g, '-') };
}

function clip(text: string): string {
  let kept = text;
  for (let size = sizeOf(kept); size > LARGEST_JSON; size = sizeOf(kept)) {
    kept = kept.slice(0, Math.floor((kept.length * LARGEST_JSON) / size));
  }
  return kept;
}

const sizeOf = (text: string): number => Buffer.byteLength(JSON.stringify(text));
