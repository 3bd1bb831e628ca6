import {
  AssociateIamInstanceProfileCommand,
  DescribeInstancesCommand,
  DisassociateIamInstanceProfileCommand,
  type EC2Client,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import { GetInstanceProfileCommand, type IAMClient } from '@aws-sdk/client-iam';
import type { Original, Outcome } from '../../state-machine/document';
import { type Attached, attachedTo, isNamed, isProfile } from '../common/associations';
import { isAws } from '../common/awsErrors';
import type { Clock } from '../common/clock';
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
}

export interface GivenBack {
  restored: Outcome['restored'];
  note: string;
  /** The instance still carries our profile, for want of another. */
  keepsTemp?: boolean;
}

type Clients = { ec2: EC2Client; iam: IAMClient; clock: Clock };

/** Own half-steps and foreign removals look alike: bare although a profile is owed is believed when it lasts this long. */
const SURE_OF_BARE_MS = 15_000;
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
  let said = '';
  let waitingFor = '';

  const look = async (): Promise<GivenBack | undefined> => {
    const attached = await attachedTo(ec2, undo.instanceId);
    if (attached && !isNamed(attached, undo.tempName)) {
      const settled = await settledWith(attached, undo, { acted, said }, ec2);
      waitingFor = settled
        ? ''
        : `${attached.profileArn} is ${isTempProfile(attached.profileArn) ? "another elevation's" : attached.state}`;
      return settled;
    }
    const state = await instanceState(ec2, undo.instanceId);
    if (state === 'terminated' || state === 'shutting-down') {
      return {
        restored: 'instance-gone',
        note: `${undo.instanceId} is ${state}: there is nothing to give a profile back to.`,
      };
    }
    if (attached) {
      waitingFor = `${undo.instanceId} is ${state}, the temp profile ${attached.state}`;
      const taken = await takeOff(attached, state, undo, clients);
      acted ||= taken === true;
      return taken === 'gone' ? gone(undo, true) : undefined;
    }
    if (!undo.original || undo.closed) {
      return {
        restored: acted ? 'removed' : 'already-back',
        note: `${undo.instanceId} has no profile.`,
      };
    }
    bareSince ??= clock.now();
    waitingFor = `${undo.instanceId} is bare`;
    if (!acted && clock.now() - bareSince < SURE_OF_BARE_MS) return undefined;
    if (!acted)
      said =
        ' It had been without a profile: whether by a step of ours that was cut short or by another hand cannot be told.';
    const put = await associate(undo.original, undo, clients);
    acted ||= put === true;
    return put === 'gone' ? gone(undo, false) : undefined;
  };

  return (await poll(clock, look)) ?? { restored: 'pending', note: `Not restored yet: ${waitingFor}.` };
}

/** @returns undefined while a profile that is not ours has not settled */
async function settledWith(
  attached: Attached,
  { original, instanceId }: Undo,
  { acted, said }: { acted: boolean; said: string },
  ec2: EC2Client,
): Promise<GivenBack | undefined> {
  if (isTempProfile(attached.profileArn)) return undefined;
  if (attached.profileArn !== original?.profileArn) {
    return {
      restored: 'superseded',
      note: `Somebody attached ${attached.profileArn} to ${instanceId} meanwhile: it was left there, ${original?.profileArn ?? 'no profile'} was not put back.`,
    };
  }
  // On a stopped instance an association stays `associating` until it starts (aws-facts 1.3).
  if (attached.state === 'associating' && (await instanceState(ec2, instanceId)) !== 'stopped') return undefined;
  const anew = isProfile(attached, original)
    ? ''
    : ' It was deleted and made again under its name meanwhile: the new one is attached.';
  return {
    restored: acted ? 'given-back' : 'already-back',
    note: `${instanceId} has ${original.profileArn}.${anew}${said}`,
  };
}

const gone = ({ original, instanceId }: Undo, keepsTemp: boolean): GivenBack => ({
  restored: 'original-gone',
  note: `${original?.profileArn} was deleted meanwhile: ${instanceId} ${keepsTemp ? 'keeps the temp role, without the grant' : 'has no profile'}, until somebody attaches another one.`,
  keepsTemp,
});

/**
 * Takes our profile off the instance.
 * @returns true when something was changed, 'gone' when the original does not exist any more, false when it has to wait
 */
async function takeOff(
  attached: Attached,
  state: string | undefined,
  undo: Undo,
  clients: Clients,
): Promise<boolean | 'gone'> {
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
    if (isAws(error, 'IncorrectState', 'IncorrectInstanceState', 'InvalidAssociationID.NotFound')) return false;
    if (isAws(error, 'InvalidParameterValue') && undo.original && !(await exists(iam, undo.original))) return 'gone';
    throw error;
  }
}

async function exists(iam: IAMClient, original: Original): Promise<boolean> {
  try {
    await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: nameOf(original.profileArn) }));
    return true;
  } catch (error) {
    if (isAws(error, 'NoSuchEntity')) return false;
    throw error;
  }
}

async function instanceState(ec2: EC2Client, instanceId: string): Promise<string | undefined> {
  try {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
    return Reservations?.[0]?.Instances?.[0]?.State?.Name;
  } catch (error) {
    // An instance that has been terminated for an hour is forgotten.
    if (isAws(error, 'InvalidInstanceID.NotFound')) return 'terminated';
    throw error;
  }
}
