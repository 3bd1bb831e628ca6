import type { EC2Client } from '@aws-sdk/client-ec2';
import type { IAMClient } from '@aws-sdk/client-iam';
import { SendCommandCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Proof, TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { commandOf } from '../../state-machine/work';
import { isAws } from '../common/awsErrors';
import { iso } from '../common/clock';
import { DELIVERY_SECONDS, decidingStep, invocationOf, isFinished } from '../common/commands';
import { BEFORE_EXPIRY_MS } from '../common/expiry';
import { requireRunning } from '../common/instance';
import type { Deps } from '../common/lambda';
import { proveDocument, tempName } from '../common/names';
import { poll } from '../common/poll';
import { requireOpen } from '../common/record';
import { captureOf, requestOf } from '../common/request';

/** aws-facts 3.2: IMDS follows within 5 s, AWS's own advice is 30-60 s. One proof looks for 45 s; a second may follow. */
const GIVE_UP_MS = 3 * 60_000;

/**
 * Sends our own small document, which waits on the instance until IMDSv2 hands out the temp role's credentials.
 * Harmless to repeat: it reads and prints a role's name.
 * @throws StepUpError IdentityNotProven, CommandUndeliverable, CommandRejected (also when too little is left for a hold),
 * ElevationClosed
 */
export async function prove(
  { document, execution }: TaskEvent,
  { ec2, iam, ssm, clock, config }: Deps<{ ec2: EC2Client; iam: IAMClient; ssm: SSMClient }>,
): Promise<Proof> {
  const { instanceId } = requestOf(document);
  await requireRunning(ec2, instanceId);
  const roleName = tempName(execution.Id);
  const earlier = document.proof && !document.proof.done ? document.proof : undefined;
  const since = earlier?.since ?? iso(clock.now());
  const send = async () => {
    await requireOpen(iam, execution);
    return sendProof(ssm, proveDocument(config.deployment), instanceId, roleName);
  };
  const commandId = earlier?.commandId ?? (await send());
  const invocation = await poll(clock, async () => {
    const seen = await invocationOf(ssm, commandId, instanceId);
    return seen && isFinished(seen) ? seen : undefined;
  });
  // Success alone proves nothing: where no step is meant for the platform, all are skipped.
  const shown = invocation?.CommandPlugins?.some(({ Output }) => Output?.includes(roleName));
  if (invocation?.Status === 'Success' && shown)
    return { done: true, commandId, workSeconds: workSeconds(document, clock.now()) };
  if (clock.now() - Date.parse(since) > GIVE_UP_MS) {
    const saw = decidingStep(invocation?.CommandPlugins)?.Output?.trim();
    throw new StepUpError(
      invocation?.StatusDetails === 'DeliveryTimedOut' || invocation === undefined
        ? 'CommandUndeliverable'
        : 'IdentityNotProven',
      `${instanceId} did not show the credentials of ${roleName} within ${GIVE_UP_MS / 60_000} minutes (${invocation?.StatusDetails ?? 'no answer'}${saw ? `: ${saw}` : ''}). No script was started. Look at the instance's metadata service and at SSM Agent.`,
    );
  }
  return { done: false, waitSeconds: 5, commandId: invocation ? await send() : commandId, since };
}

/** State Hold, with its retries, has begun by then: functions/hold looks at the rest. */
const HOLD_BEGINS_MS = 2 * 60_000;
/** Shorter than its shortest request a hold is not begun. */
const SHORTEST_HOLD_SECONDS = 60;

/**
 * How long the work may take from now on: what the request says, or what is left of the grant. For a hold it is the
 * timeout of its state; of a script `send` knows better.
 */
function workSeconds(document: TaskEvent['document'], now: number): number {
  const { durationMinutes } = captureOf(document);
  const { expires } = document.tempRole as NonNullable<typeof document.tempRole>;
  const left = Math.floor((Date.parse(expires) - now - HOLD_BEGINS_MS - BEFORE_EXPIRY_MS) / 1_000);
  const seconds = Math.min(durationMinutes * 60, left);
  if (commandOf(requestOf(document).work) || seconds >= SHORTEST_HOLD_SECONDS) return seconds;
  throw new StepUpError(
    'CommandRejected',
    `The grant ends at ${expires}, too soon for a hold: the swap took too long. Nothing was held; try again.`,
  );
}

async function sendProof(ssm: SSMClient, document: string, instanceId: string, roleName: string): Promise<string> {
  try {
    const { Command } = await ssm.send(
      new SendCommandCommand({
        DocumentName: document,
        InstanceIds: [instanceId],
        Parameters: { roleName: [roleName] },
        Comment: roleName,
        TimeoutSeconds: DELIVERY_SECONDS,
      }),
    );
    return Command?.CommandId as string;
  } catch (error) {
    if (!isAws(error, 'InvalidInstanceId', 'InvalidDocument', 'InvalidParameters', 'UnsupportedPlatformType'))
      throw error;
    throw new StepUpError(
      'CommandRejected',
      `SSM takes no command for ${instanceId}: ${(error as Error).message}. No script was started.`,
      { cause: error },
    );
  }
}
