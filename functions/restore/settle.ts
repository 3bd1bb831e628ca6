import type { Original } from '../../state-machine/document';
import { type Attached, isProfile } from '../common/associations';
import { findInstance } from '../common/instance';
import { isTempProfile } from '../common/names';
import type { Clients } from './changes';
import { isGone } from './original';
import { type GivenBack, isMeant, lasted, MEANT_MS, obstacleOf, type Undo, type Waiting } from './undo';

/** The instance has a profile that is not the run's own: the original, which may still settle, or another's, which stays. */
export async function settle(
  attached: Attached,
  undo: Undo,
  acted: boolean,
  clients: Clients,
): Promise<GivenBack | Waiting> {
  const { original, instanceId, closed } = undo;
  const { profileArn } = attached;
  if (isTempProfile(profileArn)) {
    if (closed) return { restored: 'superseded', notes: [`${instanceId} is being elevated again, by another run.`] };
    return original
      ? otherElevation(profileArn, original, undo, clients)
      : { waitingFor: `${profileArn} is another elevation's` };
  }
  if (profileArn !== original?.profileArn) {
    const notBack = original ? `, ${original.profileArn} was not put back` : '';
    const note = `Somebody attached ${profileArn} to ${instanceId} meanwhile: it was left there${notBack}.`;
    return { restored: 'superseded', notes: [note] };
  }
  const unsettled = attached.state === 'associating' ? await settling(profileArn, undo, clients) : undefined;
  if (unsettled) return unsettled;
  const anew = isProfile(attached, original)
    ? ''
    : ' It was deleted and made again under its name meanwhile: the new one is attached.';
  return { restored: acted ? 'given-back' : 'already-back', notes: [`${instanceId} has ${profileArn}.${anew}`] };
}

/** Its run gives the original back, unless that does not exist: then it stays, and waiting for its end would have none. */
async function otherElevation(
  profileArn: string,
  original: Original,
  undo: Undo,
  { iam, clock }: Clients,
): Promise<GivenBack | Waiting> {
  const waitingFor = `${profileArn} is another elevation's`;
  if (!(await isGone(iam, original, clock))) return { waitingFor };
  const obstacle = obstacleOf('gone', undo, clock.now());
  if (!isMeant(obstacle, clock.now())) return { waitingFor, obstacle };
  const note = `${original.profileArn} was deleted meanwhile: ${undo.instanceId} keeps the profile of another elevation, ${profileArn}. Attach another one.`;
  return { restored: 'original-gone', notes: [note] };
}

/** @returns undefined when the original that is `associating` is as good as back: its instance is stopped */
async function settling(
  profileArn: string,
  undo: Undo,
  { ec2, iam, clock }: Clients,
): Promise<GivenBack | Waiting | undefined> {
  const { instanceId } = undo;
  const state = (await findInstance(ec2, instanceId))?.State?.Name;
  // aws-facts 1.3: on a stopped instance an association stays `associating` until it starts.
  if (state === 'stopped') return undefined;
  const waitingFor = `${profileArn} is associating, ${instanceId} ${state}`;
  if (state !== 'running') return { waitingFor };
  const now = clock.now();
  const obstacle = obstacleOf('settling', undo, now);
  // EC2 had not heard yet that it was deleted, when it took it back.
  if (lasted(obstacle, now) >= MEANT_MS.gone && undo.original && (await isGone(iam, undo.original, clock))) {
    const note = `${profileArn} was deleted meanwhile: ${instanceId} was given it back, but EC2 cannot associate it. Attach another one.`;
    return { restored: 'original-gone', notes: [note] };
  }
  if (!isMeant(obstacle, now)) return { waitingFor, obstacle };
  const note = `${instanceId} was given ${profileArn} back, but EC2 has not managed to associate it in ${MEANT_MS.settling / 60_000} minutes: see whether the profile and its role exist, and whether the role still trusts ec2.amazonaws.com.`;
  return { restored: 'stuck', notes: [note] };
}
