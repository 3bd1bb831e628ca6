import { StartInstances$ } from '@aws-sdk/client-ec2';
import { changeStates } from '../stateChanges';

export const startInstances = changeStates(StartInstances$, 'start', 'StartingInstances');
