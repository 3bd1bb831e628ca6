import { ReplaceIamInstanceProfileAssociationCommand } from '@aws-sdk/client-ec2';
import type { TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { isAws, isDenied } from '../common/awsErrors';
import { captureOf, requestOf } from '../common/request';
import type { Dependencies } from './look';

/** $.rehearsal */
export interface Rehearsal {
  rehearsed: boolean;
  note: string;
}

/**
 * Replaces the original profile by itself, with the role that will have to give it back. AWS answers that as a no-op
 * (aws-facts 1.2: same association id, `associated`), but only after it has checked PassRole, SCPs and the profile.
 * @throws StepUpError OriginalNotRestorable, OriginalChanged
 */
export async function rehearse({ document }: TaskEvent, { ec2 }: Dependencies): Promise<Rehearsal> {
  const { instanceId } = requestOf(document);
  const { original, associationId } = captureOf(document);
  if (!original || !associationId) {
    return {
      rehearsed: false,
      note: 'The instance has no profile: there is none to give back, and Disassociate cannot be tried without doing it.',
    };
  }
  try {
    await ec2.send(
      new ReplaceIamInstanceProfileAssociationCommand({
        AssociationId: associationId,
        IamInstanceProfile: { Arn: original.profileArn },
      }),
    );
    return { rehearsed: true, note: `${original.profileArn} could be given back to ${instanceId} now.` };
  } catch (error) {
    const { message } = error as Error;
    if (isDenied(error) || isAws(error, 'InvalidParameterValue')) {
      throw new StepUpError(
        'OriginalNotRestorable',
        `AWS would not let StepUp give ${original.profileArn} back to ${instanceId}, so it was not taken away. ${message} — see restorableRoles, SCPs and the profile itself.`,
        { cause: error },
      );
    }
    if (isAws(error, 'IncorrectState', 'InvalidAssociationID.NotFound')) {
      throw new StepUpError(
        'OriginalChanged',
        `The profile of ${instanceId} changed while StepUp looked at it (${message}): find out who manages it and start again.`,
        { cause: error },
      );
    }
    throw error;
  }
}
