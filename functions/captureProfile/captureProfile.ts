import type { Capture, Original, Request, TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { parseRequest } from '../../state-machine/request';
import { commandOf } from '../../state-machine/work';
import { attachedTo, isProfile } from '../common/associations';
import type { Deps } from '../common/lambda';
import { instanceArn, isTempProfile, parseElevation } from '../common/names';
import { minutesOf } from '../common/policies';
import { nextLook } from '../common/poll';
import { ADMISSION, READINESS } from '../common/preflight/checks';
import { examine, type PreflightClients, type Subject } from '../common/preflight/subject';
import { refusing } from '../common/refusal';
import { outputOf, patienceEnds } from '../common/request';

/** Between a Disassociate and an Associate an instance is bare for a moment: 'none' is believed when it lasts. */
const SURE_OF_NONE_MS = 15_000;
/** A profile that was just given back is `associating` for up to 90 s (aws-facts 1.2): no reason to refuse. */
const SETTLING_MS = 2 * 60_000;

type Dependencies = Deps<PreflightClients>;

/**
 * Runs every check of the preflight and remembers what the instance has. Changes nothing.
 * @returns `done: false` while another elevation has the instance and the request has patience
 * @throws StepUpError the first check that fails, InstanceBusy
 */
export const captureProfile = (event: TaskEvent, deps: Dependencies): Promise<Capture> =>
  refusing(deps.log, async () => {
    const found = await capture(event, deps);
    if (found.done) deps.log.metrics({ ElevationsStarted: 1 });
    return found;
  });

async function capture({ document, execution }: TaskEvent, deps: Dependencies): Promise<Capture> {
  const id = parseElevation(execution.Id, deps.config.deployment);
  const request = parseRequest(document.request);
  const subject = examine(request, execution, deps);
  for (const check of ADMISSION) await check.run(subject);
  const busy = await obstacle(subject);
  if (busy) return waitFor(busy, request, execution, deps);
  for (const check of READINESS) await check.run(subject);
  const attached = await subject.attached();
  const command = commandOf(request.work);
  const described = command && (await subject.document(command.document));
  return {
    done: true,
    instanceArn: instanceArn(id, request.instanceId),
    associationId: attached?.associationId ?? null,
    original: await originalOf(subject),
    durationMinutes: minutesOf(request, deps.catalogue),
    timeoutParameter: described?.Parameters?.find(({ Name }) => Name === 'executionTimeout')?.Name ?? null,
    output: outputOf(request, deps.config),
  };
}

/** Why the instance is not free: a temp profile on it, the marker of another elevation, or a profile that still settles. */
async function obstacle(subject: Subject): Promise<{ what: string; settles: boolean } | undefined> {
  const attached = await subject.attached();
  if (attached && isTempProfile(attached.profileArn)) return { what: attached.profileArn, settles: false };
  const [marker] = await subject.markers();
  if (marker) return { what: marker, settles: false };
  if (attached?.state === 'associating') return { what: `${attached.profileArn} is still associating`, settles: true };
  if (attached) return undefined;
  const { ec2, clock } = subject.deps;
  await clock.sleep(SURE_OF_NONE_MS);
  const now = await attachedTo(ec2, subject.request.instanceId);
  return now && { what: `${now.profileArn} was attached a moment ago`, settles: true };
}

function waitFor(
  { what, settles }: { what: string; settles: boolean },
  request: Request,
  execution: { StartTime: string },
  { clock }: Dependencies,
): Capture {
  const started = Date.parse(execution.StartTime);
  const until = settles
    ? Math.max(patienceEnds(request, execution), started + SETTLING_MS)
    : patienceEnds(request, execution);
  const left = until - clock.now();
  if (left <= 0) {
    throw new StepUpError(
      'InstanceBusy',
      `${request.instanceId} is taken (${what}): try again when that has ended, or give the request waitForInstanceMinutes.`,
    );
  }
  return { done: false, waitSeconds: Math.min(nextLook(clock.now() - started), Math.ceil(left / 1_000)), busy: what };
}

async function originalOf(subject: Subject): Promise<Original | null> {
  const attached = await subject.attached();
  if (!attached) return null;
  const profile = await subject.profile();
  const role = profile?.Roles?.[0];
  if (
    !profile ||
    !role?.Arn ||
    !role.RoleId ||
    !isProfile(attached, { profileArn: profile.Arn ?? '', profileId: profile.InstanceProfileId ?? '' })
  ) {
    throw new StepUpError('OriginalNotRestorable', `${attached.profileArn} changed while it was looked at: try again.`);
  }
  return { profileArn: attached.profileArn, profileId: attached.profileId, roleArn: role.Arn, roleId: role.RoleId };
}
