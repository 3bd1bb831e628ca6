import {
  ReplaceIamInstanceProfileAssociation$,
  type ReplaceIamInstanceProfileAssociationRequest,
  type ReplaceIamInstanceProfileAssociationResult,
} from '@aws-sdk/client-ec2';
import { AwsError, operation } from '../../world';
import { describe } from '../associations';
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
      // aws-facts 1.2, 1.3. Unconfirmed: that pending and stopping instances answer like stopped ones.
      if (old.state !== 'associated' || old.instance.state !== 'running') {
        throw new AwsError('IncorrectState', `The association ${old.id} is not the active association`);
      }
      const same = old.profile.id === profile.id;
      return { IamInstanceProfileAssociation: describe(same ? old : fleet.associations.replace(old, profile)) };
    },
  );
