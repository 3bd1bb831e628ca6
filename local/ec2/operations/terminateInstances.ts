import { TerminateInstances$ } from '@aws-sdk/client-ec2';
import { changeStates } from '../stateChanges';

export const terminateInstances = changeStates(TerminateInstances$, 'terminate', 'TerminatingInstances');
