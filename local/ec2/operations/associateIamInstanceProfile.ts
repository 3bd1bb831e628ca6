import {
  AssociateIamInstanceProfile$,
  type AssociateIamInstanceProfileRequest,
  type AssociateIamInstanceProfileResult,
} from '@aws-sdk/client-ec2';
import { AwsError, operation } from '../../world';
import { describe } from '../associations';
import { authorizeOnInstance } from '../authorization';
import type { Fleet } from '../fleet';
import { checkInstanceId, checkRunningOrStopped, endDryRun, findProfile, requireParameters } from '../parameters';

export const associateIamInstanceProfile = ({ instances, associations }: Fleet) =>
  operation<AssociateIamInstanceProfileRequest, AssociateIamInstanceProfileResult>(
    'ec2',
    AssociateIamInstanceProfile$,
    'full',
    (call) => {
      const input = requireParameters(call.input, 'IamInstanceProfile', 'InstanceId');
      checkInstanceId(input.InstanceId);
      const profile = findProfile(call.world, input.IamInstanceProfile);
      authorizeOnInstance(call, { instances, associations }, 'AssociateIamInstanceProfile', input.InstanceId, {
        newProfile: profile,
      });
      endDryRun(input);
      const instance = instances.existing(input.InstanceId);
      checkRunningOrStopped(instance);
      // Unconfirmed: one that is still `disassociating` occupies the instance too.
      if (associations.of(instance)) {
        throw new AwsError('IncorrectState', `There is an existing association for instance ${instance.id}`);
      }
      return { IamInstanceProfileAssociation: describe(associations.associate(instance, profile)) };
    },
  );
