import type { EC2Client } from '@aws-sdk/client-ec2';
import type { Association, TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { attachedTo, isNamed } from '../common/associations';
import { iso } from '../common/clock';
import { requireRunning } from '../common/instance';
import type { Deps } from '../common/lambda';
import { isTempProfile, tempName } from '../common/names';
import { poll } from '../common/poll';
import { captureOf, requestOf } from '../common/request';

/** aws-facts 1.2: seen below 66 s and 90 s. What is not `associated` after five minutes is stuck: EC2 cannot assume the role. */
const STUCK_MS = 5 * 60_000;
const NEXT_LOOK_SECONDS = 5;
/** Right after the swap EC2 may still show what was there before it; after this long, somebody put it back. */
const STALE_MS = 60_000;

/**
 * Waits until EC2 says that the elevation's own profile is associated.
 * @returns `done: false` when it is still associating
 * @throws StepUpError AssociationStuck, OriginalChanged (somebody attached another profile), InstanceBusy (another elevation did)
 */
export async function waitAssociated(
  { document, execution }: TaskEvent,
  { ec2, clock }: Deps<{ ec2: EC2Client }>,
): Promise<Association> {
  const { instanceId } = requestOf(document);
  await requireRunning(ec2, instanceId);
  const since = document.association && !document.association.done ? document.association.since : iso(clock.now());
  const associationId = await poll(clock, async () => {
    const attached = await attachedTo(ec2, instanceId);
    if (isNamed(attached, tempName(execution.Id)))
      return attached?.state === 'associated' ? attached.associationId : undefined;
    const stale = attached === undefined || attached.profileArn === captureOf(document).original?.profileArn;
    if (stale && clock.now() - Date.parse(since) < STALE_MS) return undefined;
    throw lost(instanceId, attached?.profileArn);
  });
  if (associationId) return { done: true, associationId };
  if (clock.now() - Date.parse(since) > STUCK_MS) {
    throw new StepUpError(
      'AssociationStuck',
      `The temp profile has been associating with ${instanceId} for over ${STUCK_MS / 60_000} minutes: EC2 seems unable to assume its role. Try again; if it happens twice, look for an SCP that denies sts:AssumeRole to ec2.amazonaws.com.`,
    );
  }
  return { done: false, waitSeconds: NEXT_LOOK_SECONDS, since };
}

const lost = (instanceId: string, profileArn: string | undefined) =>
  profileArn && isTempProfile(profileArn)
    ? new StepUpError(
        'InstanceBusy',
        `${instanceId} carries the profile of another elevation (${profileArn}): try again when that has ended.`,
      )
    : new StepUpError(
        'OriginalChanged',
        `Somebody took the temp profile off ${instanceId} (now: ${profileArn ?? 'none'}): find out who manages its profile and start again.`,
      );
