import {
  AssociateIamInstanceProfileCommand,
  DisassociateIamInstanceProfileCommand,
  type EC2Client,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { Original, Outcome } from '../../state-machine/document';
import { type Attached, attachedTo, isNamed, isProfile } from '../common/associations';
import { isAws } from '../common/awsErrors';
import type { Clock } from '../common/clock';
import { findInstance } from '../common/instance';
import { findProfile } from '../common/instanceProfile';
import { isTempProfile, nameOf } from '../common/names';
import { poll } from '../common/poll';

/** What a look needs to know to undo: nothing of it comes from the instance's tags. */
export interface Undo {
  instanceId: string;
  original: Original | null;
  tempName: string;
  /** Epoch ms at which restoring began. */
  since: number;
  /** The run was closed before: an instance that is bare now was bared by somebody else, and is left alone. */
  closed: boolean;
  /** Epoch ms at which the original was first seen `associating`; undefined: not yet. */
  settlingSince: number | undefined;
}

export interface GivenBack {
  restored: Outcome['restored'];
  /** Sentences for the reader of the history; the last says how things stand. */
  notes: string[];
  /** The instance still carries our profile, for want of another. */
  keepsTemp?: boolean;
  /** The original is there, and still `associating`. */
  settling?: boolean;
}

type Clients = { ec2: EC2Client; iam: IAMClient; clock: Clock };

/** Own half-steps and foreign removals look alike: bare although a profile is owed is believed when it lasts this long. */
const SURE_OF_BARE_MS = 15_000;
/** aws-facts 1.2: an original that EC2 has not associated by then never will be: its role's trust, or it itself, is broken. */
const STUCK_MS = 10 * 60_000;
/** An association of ours that is not `associated` within a minute is taken off instead of replaced. */
const ASSOCIATING_MS = 60_000;

/**
 * Gives the instance its original profile back, by compare-and-swap: only our own profile is ever replaced or taken off;
 * anything else that is there stays. Needs no write of IAM and no tag of the instance.
 * @returns 'pending' when EC2 has not finished, or another elevation has the instance
 */
export async function giveBack(undo: Undo, clients: Clients): Promise<GivenBack> {
  const { ec2, clock } = clients;
  let acted = false;
  let bareSince: number | undefined;
  let waitingFor = '';
  let settling = false;
  const said: string[] = [];
  const ended = (restored: GivenBack['restored'], note: string, keepsTemp = false): GivenBack => ({
    restored,
    notes: [...said, note],
    keepsTemp,
  });

  const look = async (): Promise<GivenBack | undefined> => {
    const attached = await attachedTo(ec2, undo.instanceId);
    if (attached && !isNamed(attached, undo.tempName)) {
      settling = attached.profileArn === undo.original?.profileArn;
      waitingFor = `${attached.profileArn} is ${isTempProfile(attached.profileArn) ? "another elevation's" : attached.state}`;
      const settled = await settledWith(attached, undo, acted, clients);
      return settled && ended(...settled);
    }
    const state = await instanceState(ec2, undo.instanceId);
    if (state === 'terminated' || state === 'shutting-down') {
      return ended('instance-gone', `${undo.instanceId} is ${state}: there is nothing to give a profile back to.`);
    }
    if (attached) {
      waitingFor = `${undo.instanceId} is ${state}, the temp profile ${attached.state}`;
      const taken = await takeOff(attached, state, undo, clients);
      acted ||= taken === true;
      return taken === 'gone' ? ended('original-gone', gone(undo, true), true) : undefined;
    }
    if (!undo.original || undo.closed) {
      return ended(acted ? 'removed' : 'already-back', `${undo.instanceId} has no profile.`);
    }
    bareSince ??= clock.now();
    waitingFor = `${undo.instanceId} is bare`;
    if (!acted && clock.now() - bareSince < SURE_OF_BARE_MS) return undefined;
    if (!acted)
      said.push(
        `${undo.instanceId} was found without a profile. Whether by a step of ours that was cut short or by another hand cannot be told: it was given its original.`,
      );
    const put = await associate(undo.original, undo, clients);
    acted ||= put === true;
    return put === 'gone' ? ended('original-gone', gone(undo, false)) : undefined;
  };

  return (await poll(clock, look)) ?? { ...ended('pending', `${NOT_YET} ${waitingFor}.`), settling };
}

/** How a note begins that holds only until the next look. */
export const NOT_YET = 'Not restored yet:';

type Settled = [restored: GivenBack['restored'], note: string];

/** @returns undefined while a profile that is not ours has not settled */
async function settledWith(
  attached: Attached,
  undo: Undo,
  acted: boolean,
  { ec2, clock }: Clients,
): Promise<Settled | undefined> {
  const { original, instanceId, settlingSince } = undo;
  if (isTempProfile(attached.profileArn)) return undefined;
  if (attached.profileArn !== original?.profileArn) {
    return [
      'superseded',
      `Somebody attached ${attached.profileArn} to ${instanceId} meanwhile: it was left there, ${original?.profileArn ?? 'no profile'} was not put back.`,
    ];
  }
  // On a stopped instance an association stays `associating` until it starts (aws-facts 1.3).
  if (attached.state === 'associating' && (await instanceState(ec2, instanceId)) !== 'stopped') {
    if (settlingSince === undefined || clock.now() - settlingSince < STUCK_MS) return undefined;
    return [
      'stuck',
      `${instanceId} was given ${original.profileArn} back, but EC2 has not managed to associate it in ${STUCK_MS / 60_000} minutes: see whether the profile and its role exist, and whether the role still trusts ec2.amazonaws.com.`,
    ];
  }
  const anew = isProfile(attached, original)
    ? ''
    : ' It was deleted and made again under its name meanwhile: the new one is attached.';
  return [acted ? 'given-back' : 'already-back', `${instanceId} has ${original.profileArn}.${anew}`];
}

const gone = ({ original, instanceId, tempName }: Undo, keepsTemp: boolean): string =>
  keepsTemp
    ? `${original?.profileArn} was deleted meanwhile. ${instanceId} keeps the profile ${tempName}, without the grant, and counts as busy: attach another profile; sweep then deletes this one.`
    : `${original?.profileArn} was deleted meanwhile: ${instanceId} has no profile. Attach another one.`;

/**
 * Takes our profile off the instance.
 * @returns true when something was changed, 'gone' when the original does not exist any more, false when it has to wait
 */
async function takeOff(attached: Attached, state: string, undo: Undo, clients: Clients): Promise<boolean | 'gone'> {
  const { ec2, clock } = clients;
  const stuck = attached.state === 'associating' && clock.now() - undo.since > ASSOCIATING_MS;
  if (!undo.original || state === 'stopped' || (state === 'running' && stuck)) {
    if (state !== 'stopped' && state !== 'running') return false;
    return change(undo, clients, () =>
      ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: attached.associationId })),
    );
  }
  // aws-facts 1.3: Replace works on a running instance and an `associated` association only.
  if (state !== 'running' || attached.state !== 'associated') return false;
  const Arn = undo.original.profileArn;
  return change(undo, clients, () =>
    ec2.send(
      new ReplaceIamInstanceProfileAssociationCommand({
        AssociationId: attached.associationId,
        IamInstanceProfile: { Arn },
      }),
    ),
  );
}

const associate = (original: Original, undo: Undo, clients: Clients): Promise<boolean | 'gone'> =>
  change(undo, clients, () =>
    clients.ec2.send(
      new AssociateIamInstanceProfileCommand({
        InstanceId: undo.instanceId,
        IamInstanceProfile: { Arn: original.profileArn },
      }),
    ),
  );

/** Makes one change; an answer that says 'the world has moved on' is looked at again. */
async function change(undo: Undo, { iam }: Clients, make: () => Promise<unknown>): Promise<boolean | 'gone'> {
  try {
    await make();
    return true;
  } catch (error) {
    // aws-facts 1.4: EC2 knows two ways of saying that a profile does not exist.
    const unknown =
      isAws(error, 'InvalidParameterValue') || /InstanceIdentityProfileNotFound/.test((error as Error).message);
    if (unknown && undo.original && !(await findProfile(iam, nameOf(undo.original.profileArn)))) return 'gone';
    if (isAws(error, 'IncorrectState', 'IncorrectInstanceState', 'InvalidAssociationID.NotFound')) return false;
    throw error;
  }
}

const instanceState = async (ec2: EC2Client, instanceId: string): Promise<string> =>
  (await findInstance(ec2, instanceId))?.State?.Name ?? 'terminated';
