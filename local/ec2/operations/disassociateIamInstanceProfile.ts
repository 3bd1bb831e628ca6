import {
  DisassociateIamInstanceProfile$,
  type DisassociateIamInstanceProfileRequest,
  type DisassociateIamInstanceProfileResult,
} from '@aws-sdk/client-ec2';
import { AwsError, operation } from '../../world';
import { describe } from '../associations';
import { authorizeOnInstance } from '../authorization';
import type { Fleet } from '../fleet';
import { checkRunningOrStopped, endDryRun, existingAssociation, requireParameters } from '../parameters';

export const disassociateIamInstanceProfile = (fleet: Fleet) =>
  operation<DisassociateIamInstanceProfileRequest, DisassociateIamInstanceProfileResult>(
    'ec2',
    DisassociateIamInstanceProfile$,
    'full',
    (call) => {
      const input = requireParameters(call.input, 'AssociationId');
      const association = existingAssociation(fleet, input.AssociationId);
      authorizeOnInstance(call, fleet, 'DisassociateIamInstanceProfile', association.instance.id);
      endDryRun(input);
      checkRunningOrStopped(association.instance);
      if (association.state === 'associating' && !call.world.assumptions.disassociateWhileAssociating) {
        throw new AwsError('IncorrectState', `The association ${association.id} is not the active association`);
      }
      const state = fleet.associations.disassociate(association);
      return { IamInstanceProfileAssociation: describe(association, state) };
    },
  );
