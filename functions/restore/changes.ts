import {
  AssociateIamInstanceProfileCommand,
  DisassociateIamInstanceProfileCommand,
  type EC2Client,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { Original } from '../../state-machine/document';
import type { Attached } from '../common/associations';
import { isAws, isDenied } from '../common/awsErrors';
import type { Clock } from '../common/clock';
import { findProfile } from '../common/instanceProfile';
import { nameOf } from '../common/names';
import { isGone } from './original';

export type Clients = { ec2: EC2Client; iam: IAMClient; clock: Clock };

/** What came of asking EC2 for a change: it was made; it has to wait; the original does not exist; AWS denies it. */
export type Change = 'made' | 'wait' | 'gone' | { denied: string };

/** An association of ours that is not `associated` within a minute is taken off instead of replaced. */
const ASSOCIATING_MS = 60_000;

interface Owed {
  original: Original | null;
  /** Epoch ms at which restoring began. */
  since: number;
}

/** Takes our profile off the instance: by Replace where EC2 can, else by the first of two half-steps. */
export async function takeOff(attached: Attached, state: string, owed: Owed, clients: Clients): Promise<Change> {
  const { ec2, iam, clock } = clients;
  const { original, since } = owed;
  const stuck = attached.state === 'associating' && clock.now() - since > ASSOCIATING_MS;
  if (!original || state === 'stopped' || (state === 'running' && stuck)) {
    if (state !== 'stopped' && state !== 'running') return 'wait';
    // Better the temp role without its grant than nothing at all.
    if (original && (await isGone(iam, original, clock))) return 'gone';
    const AssociationId = attached.associationId;
    return change(original, iam, () => ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId })));
  }
  // aws-facts 1.3: Replace works on a running instance and an `associated` association only.
  if (state !== 'running' || attached.state !== 'associated') return 'wait';
  const replace = new ReplaceIamInstanceProfileAssociationCommand({
    AssociationId: attached.associationId,
    IamInstanceProfile: { Arn: original.profileArn },
  });
  return change(original, iam, () => ec2.send(replace));
}

export const associate = (instanceId: string, original: Original, { ec2, iam }: Clients): Promise<Change> =>
  change(original, iam, () =>
    ec2.send(
      new AssociateIamInstanceProfileCommand({
        InstanceId: instanceId,
        IamInstanceProfile: { Arn: original.profileArn },
      }),
    ),
  );

/** Makes one change; an answer that says 'the world has moved on' is looked at again. */
async function change(original: Original | null, iam: IAMClient, make: () => Promise<unknown>): Promise<Change> {
  try {
    await make();
    return 'made';
  } catch (error) {
    const { message } = error as Error;
    // aws-facts 1.4: EC2 knows two ways of saying that a profile does not exist.
    const unknown = isAws(error, 'InvalidParameterValue') || /InstanceIdentityProfileNotFound/.test(message);
    if (unknown && original && !(await findProfile(iam, nameOf(original.profileArn)))) return 'gone';
    if (isAws(error, 'IncorrectState', 'IncorrectInstanceState', 'InvalidAssociationID.NotFound')) return 'wait';
    if (isDenied(error)) return { denied: message.replace(/ Encoded authorization failure message:.*/s, '') };
    throw error;
  }
}
