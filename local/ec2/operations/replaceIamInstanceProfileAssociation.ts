import {
  ReplaceIamInstanceProfileAssociation$,
  type ReplaceIamInstanceProfileAssociationRequest,
  type ReplaceIamInstanceProfileAssociationResult,
} from '@aws-sdk/client-ec2';
import { AwsError, operation } from '../../world';
import { type Association, describe } from '../associations';
import { authorizeOnInstance } from '../authorization';
import type { Fleet } from '../fleet';
import { endDryRun, existingAssociation, findProfile, requireParameters } from '../parameters';

export const replaceIamInstanceProfileAssociation = (fleet: Fleet) =>
  operation<ReplaceIamInstanceProfileAssociationRequest, ReplaceIamInstanceProfileAssociationResult>(
    'ec2',
    ReplaceIamInstanceProfileAssociation$,
    'full',
    (call) => {
      const input = requireParameters(call.input, 'AssociationId', 'IamInstanceProfile');
      const old = existingAssociation(fleet, input.AssociationId);
      const profile = findProfile(call.world, input.IamInstanceProfile);
      authorizeOnInstance(call, fleet, 'ReplaceIamInstanceProfileAssociation', old.instance.id, {
        newProfile: profile,
      });
      endDryRun(input);
      const { oneReplaceWins, sameProfileReplaceIsNoOp } = call.world.assumptions;
      const active = activeAssociation(fleet, old, oneReplaceWins);
      const same = sameProfileReplaceIsNoOp && active.profile.id === profile.id;
      return { IamInstanceProfileAssociation: describe(same ? active : fleet.associations.replace(active, profile)) };
    },
  );

/** aws-facts 1.2, 1.3. Unconfirmed: that pending and stopping instances answer like stopped ones. */
function activeAssociation({ associations }: Fleet, named: Association, oneReplaceWins: boolean): Association {
  if (named.instance.state === 'running') {
    if (named.state === 'associated') return named;
    const successor = associations.of(named.instance);
    if (!oneReplaceWins && named.state === 'disassociating' && successor?.state !== 'disassociating') return successor!;
  }
  throw new AwsError('IncorrectState', `The association ${named.id} is not the active association`);
}
