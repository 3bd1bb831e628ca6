import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { taskEventSchema } from '../../state-machine/document';
import { defineFunction } from '../common/lambda';
import { swapProfile } from './swapProfile';

export const create = defineFunction({
  name: 'swapProfile',
  event: taskEventSchema,
  clients: (settings) => ({ ec2: new EC2Client(settings), iam: new IAMClient(settings) }),
  run: swapProfile,
});

export const handler = create();
