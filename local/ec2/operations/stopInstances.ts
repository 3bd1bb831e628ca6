import { StopInstances$ } from '@aws-sdk/client-ec2';
import { changeStates } from '../stateChanges';

export const stopInstances = changeStates(StopInstances$, 'stop', 'StoppingInstances');
