import { EC2Client } from '@aws-sdk/client-ec2';
import { taskEventSchema } from '../../state-machine/document';
import { defineFunction } from '../common/lambda';
import { waitAssociated } from './waitAssociated';

export const create = defineFunction({
  name: 'waitAssociated',
  event: taskEventSchema,
  clients: (settings) => ({ ec2: new EC2Client(settings) }),
  run: waitAssociated,
});

export const handler = create();
