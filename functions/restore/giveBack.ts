import type { Original } from '../../state-machine/document';
import { attachedTo, isNamed } from '../common/associations';
import { findInstance } from '../common/instance';
import { poll } from '../common/poll';
import { associate, type Change, type Clients, takeOff } from './changes';
import { settle } from './settle';
import { type GivenBack, isMeant, MEANT_MS, obstacleOf, type Undo, type Waiting } from './undo';

/** What has been done and said since the look began. */
interface Progress {
  acted: boolean;
  bareSince?: number;
  said: string[];
}

/** Own half-steps and foreign removals look alike: bare although a profile is owed is believed when it lasts this long. */
const SURE_OF_BARE_MS = 15_000;
/** How a note begins that holds only until the next look. */
export const NOT_YET = 'Not restored yet:';
const notYet = (waitingFor: string): string => `${NOT_YET} ${waitingFor}.`;

/**
 * Gives the instance its original profile back, by compare-and-swap: only our own profile is ever replaced or taken off;
 * anything else that is there stays. Needs no write of IAM and no tag of the instance.
 * @returns 'pending' when EC2 has not finished, or another elevation has the instance
 */
export async function giveBack(undo: Undo, clients: Clients): Promise<GivenBack> {
  const progress: Progress = { acted: false, said: [] };
  let waiting: Waiting | undefined;
  const back = await poll(clients.clock, async () => {
    const step = await take(undo, progress, clients);
    if ('restored' in step) return step;
    waiting = step;
    return undefined;
  });
  const { waitingFor = '', obstacle } = waiting ?? {};
  const { notes, ...rest } = back ?? {
    restored: 'pending',
    notes: [notYet(waitingFor)],
    ...(obstacle && { obstacle }),
  };
  return { ...rest, notes: [...progress.said, ...notes] };
}

/** Looks at the instance once, and does the next thing. */
async function take(undo: Undo, progress: Progress, clients: Clients): Promise<GivenBack | Waiting> {
  const { ec2, clock } = clients;
  const { instanceId } = undo;
  const attached = await attachedTo(ec2, instanceId);
  if (attached && !isNamed(attached, undo.tempName)) return settle(attached, undo, progress.acted, clients);
  // EC2 forgets an instance long after its association: as long as it shows that, it does not know what it says.
  const state = (await findInstance(ec2, instanceId))?.State?.Name ?? (attached ? 'unknown' : 'terminated');
  if (state === 'terminated' || state === 'shutting-down') {
    const note = `${instanceId} is ${state}: there is nothing to give a profile back to.`;
    return { restored: 'instance-gone', notes: [note] };
  }
  if (!attached) return fill(undo, progress, clients);
  const change = await takeOff(attached, state, undo, clients);
  const found = { waitingFor: `${instanceId} is ${state}, the temp profile ${attached.state}`, keepsTemp: true };
  return judge(change, found, undo, progress, clock.now());
}

/** The instance is bare. */
async function fill(undo: Undo, progress: Progress, clients: Clients): Promise<GivenBack | Waiting> {
  const { instanceId, original } = undo;
  const now = clients.clock.now();
  const has = `${instanceId} has no profile.`;
  if (!original) return { restored: progress.acted ? 'removed' : 'already-back', notes: [has] };
  if (!progress.acted) {
    if (undo.closed) return { restored: 'already-back', notes: [has] };
    if (undo.neverSwapped) return { restored: 'superseded', notes: [takenByOthers(original, instanceId)] };
    progress.bareSince ??= now;
    if (now - progress.bareSince < SURE_OF_BARE_MS) return { waitingFor: `${instanceId} is bare` };
  }
  const change = await associate(instanceId, original, clients);
  if (change === 'made' && !progress.acted) progress.said.push(foundBare(instanceId));
  return judge(change, { waitingFor: `${instanceId} is bare`, keepsTemp: false }, undo, progress, now);
}

/** What follows from EC2's answer to a change. */
function judge(
  change: Change,
  { waitingFor, keepsTemp }: { waitingFor: string; keepsTemp: boolean },
  undo: Undo,
  progress: Progress,
  now: number,
): GivenBack | Waiting {
  if (change === 'made') progress.acted = true;
  if (change === 'made' || change === 'wait') return { waitingFor };
  const kind = change === 'gone' ? 'gone' : 'denied';
  const obstacle = obstacleOf(kind, undo, now);
  if (!isMeant(obstacle, now)) {
    const why = change === 'gone' ? `${undo.original?.profileArn} does not exist` : change.denied;
    return { restored: 'pending', notes: [notYet(`${waitingFor}; ${why}`)], obstacle };
  }
  return change === 'gone'
    ? { restored: 'original-gone', notes: [gone(undo, keepsTemp)], keepsTemp }
    : { restored: 'stuck', notes: [denied(undo, change.denied, keepsTemp)], owed: true };
}

const takenByOthers = ({ profileArn }: Original, instanceId: string): string =>
  `Somebody took ${profileArn} off ${instanceId} meanwhile, before this run had changed anything: it was not put back.`;

const foundBare = (instanceId: string): string =>
  `${instanceId} was found without a profile. Whether by a step of ours that was cut short or by another hand cannot be told: it was given its original.`;

const gone = ({ original, instanceId, tempName }: Undo, keepsTemp: boolean): string =>
  keepsTemp
    ? `${original?.profileArn} was deleted meanwhile. ${instanceId} keeps the profile ${tempName}, without the grant, and counts as busy: attach another profile; sweep then deletes this one.`
    : `${original?.profileArn} was deleted meanwhile: ${instanceId} has no profile. Attach another one.`;

const denied = ({ original, instanceId, tempName }: Undo, message: string, keepsTemp: boolean): string =>
  [
    `AWS has denied for ${MEANT_MS.denied / 60_000} minutes that StepUp ${original ? `gives ${original.profileArn} back to` : 'takes its profile off'} ${instanceId}: ${message}`,
    keepsTemp ? `It keeps the profile ${tempName}, without the grant.` : 'It has no profile.',
    'Add the role that this names to restorableRoles and deploy, or lift what denies it: sweep tries again every 15 minutes. Or attach the profile yourself.',
  ].join(' ');
