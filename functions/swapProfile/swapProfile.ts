import {
  AssociateIamInstanceProfileCommand,
  type EC2Client,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { Original, Swap, TaskEvent, TempRole } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { type Attached, attachedTo, isNamed, isProfile } from '../common/associations';
import { isAws, isDenied } from '../common/awsErrors';
import { iso } from '../common/clock';
import { requireRunning } from '../common/instance';
import type { Deps } from '../common/lambda';
import { isTempProfile } from '../common/names';
import { poll } from '../common/poll';
import { requireOpen } from '../common/record';
import { captureOf, patienceEnds, requestOf } from '../common/request';

type Clients = { ec2: EC2Client; iam: IAMClient };

/** aws-facts 1.4, 2.5: tools that do this retry for two minutes; a profile that EC2 does not know after three never comes. */
const PROPAGATION_MS = 3 * 60_000;
/**
 * EC2 sees the temp profile and the role in it apart, and associates an empty profile without a word: until it looks again,
 * everybody on the instance would be without credentials. Nothing shows what EC2 sees; 5-10 s are typical (aws-facts 2.5).
 */
const SETTLING_MS = 10_000;
const NEXT_TRY_SECONDS = 5;
/** Another elevation takes minutes to hours: a day of looking every 80 s is 1,080 loops of 9 events, and of 4 calls. */
const HELD_SECONDS = 80;

/** Why a try ended without a swap. `held`: another elevation has the instance, so patience decides, not IAM. */
interface Obstacle {
  busy: string;
  held: boolean;
  error?: unknown;
}

/**
 * Exchanges the instance's profile for the temp role's: Replace on the association that the capture saw, Associate where
 * there was none. The association id is the lock: EC2 gives a new one on every Replace and refuses an old one.
 * @returns `done: false` while EC2 does not know the profile yet or another elevation has the instance
 * @throws StepUpError OriginalChanged, InstanceBusy, ElevationClosed; AwsAccessDenied
 */
export async function swapProfile(
  { document, execution, state }: TaskEvent,
  { ec2, iam, clock }: Deps<Clients>,
): Promise<Swap> {
  const request = requestOf(document);
  await requireRunning(ec2, request.instanceId);
  const { original } = captureOf(document);
  const tempRole = document.tempRole as TempRole;
  const earlier = document.swap;
  const retried = Boolean(earlier?.retried) || (state.RetryCount ?? 0) > 0;
  const since = earlier && !earlier.done ? earlier.since : iso(clock.now());
  const impatient = clock.now() >= patienceEnds(request, execution);
  if (!earlier) await clock.sleep(SETTLING_MS);

  let obstacle: Obstacle | undefined;
  let tried = iso(clock.now());
  const associationId = await poll<string | null>(clock, async () => {
    await requireOpen(iam, execution);
    const attached = await attachedTo(ec2, request.instanceId);
    if (isNamed(attached, tempRole.roleName)) return attached?.associationId;
    obstacle = obstacleIn(attached, original, request.instanceId);
    if (obstacle?.held && impatient) throw busy(request.instanceId, obstacle.busy);
    if (obstacle) return obstacle.held ? null : undefined;
    tried = iso(clock.now());
    const answer = await attach(ec2, request.instanceId, tempRole.profileArn, attached);
    if (typeof answer === 'string') return answer;
    obstacle = answer;
    return undefined;
  });
  if (associationId) return { done: true, retried, associationId, since: tried };
  if (!obstacle?.held && clock.now() - Date.parse(since) > PROPAGATION_MS) {
    throw obstacle?.error ?? busy(request.instanceId, obstacle?.busy ?? 'unknown');
  }
  const pending = { done: false as const, retried, busy: obstacle?.busy ?? '' };
  // What is waited for next, the original that comes back, has a time of its own.
  if (obstacle?.held) return { ...pending, waitSeconds: HELD_SECONDS, since: iso(clock.now()) };
  return { ...pending, waitSeconds: NEXT_TRY_SECONDS, since };
}

/**
 * @returns what to wait for; undefined when the way is free
 * @throws StepUpError OriginalChanged when the profile is neither the captured one nor of an elevation
 */
function obstacleIn(
  attached: Attached | undefined,
  original: Original | null,
  instanceId: string,
): Obstacle | undefined {
  if (attached && isTempProfile(attached.profileArn)) return { busy: attached.profileArn, held: true };
  if (attached === undefined && original === null) return undefined;
  if (!attached || !original || !isProfile(attached, original)) {
    throw new StepUpError(
      'OriginalChanged',
      `${instanceId} had ${original?.profileArn ?? 'no profile'} when it was captured and has ${attached?.profileArn ?? 'none'} now: find out who manages its profile and start again.`,
    );
  }
  return attached.state === 'associating' ? { busy: attached.profileArn, held: false } : undefined;
}

/** @returns the new association's id, or why EC2 would not yet */
async function attach(
  ec2: EC2Client,
  instanceId: string,
  profileArn: string,
  attached: Attached | undefined,
): Promise<string | Obstacle> {
  const IamInstanceProfile = { Arn: profileArn };
  try {
    const { IamInstanceProfileAssociation } = attached
      ? await ec2.send(
          new ReplaceIamInstanceProfileAssociationCommand({
            AssociationId: attached.associationId,
            IamInstanceProfile,
          }),
        )
      : await ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: instanceId, IamInstanceProfile }));
    return IamInstanceProfileAssociation?.AssociationId as string;
  } catch (error) {
    // aws-facts 1.4: InvalidParameterValue 'Invalid IAM Instance Profile …' until EC2 sees the profile; IncorrectState and
    // InvalidAssociationID.NotFound when the association changed since it was read. Both are looked at again.
    const fresh = isAws(error, 'InvalidParameterValue') && /IAM Instance Profile/.test((error as Error).message);
    // IAM's view of the instance lags: it may still see the profile of an elevation that has just ended, which is not to be swapped.
    if (fresh || isDenied(error) || isAws(error, 'IncorrectState', 'InvalidAssociationID.NotFound')) {
      return { busy: (error as Error).message, held: false, error };
    }
    throw error;
  }
}

const busy = (instanceId: string, by: string) =>
  new StepUpError(
    'InstanceBusy',
    `${instanceId} is taken (${by}): try again later, or give the request waitForInstanceMinutes.`,
  );
