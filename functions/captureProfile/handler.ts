import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SSMClient } from '@aws-sdk/client-ssm';
import { taskEventSchema } from '../../state-machine/document';
import { defineFunction } from '../common/lambda';
import { captureProfile } from './captureProfile';

export const create = defineFunction({
  name: 'captureProfile',
  event: taskEventSchema,
  clients: (settings) => ({ ec2: new EC2Client(settings), iam: new IAMClient(settings), ssm: new SSMClient(settings) }),
  run: captureProfile,
});

export const handler = create();
