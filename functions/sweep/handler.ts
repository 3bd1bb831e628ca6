import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SFNClient } from '@aws-sdk/client-sfn';
import { z } from '../../state-machine/schema';
import { defineFunction } from '../common/lambda';
import { sweep } from './sweep';

/** The schedule's event says nothing that sweep needs. */
export const create = defineFunction({
  name: 'sweep',
  event: z.unknown(),
  clients: (settings) => ({ ec2: new EC2Client(settings), iam: new IAMClient(settings), sfn: new SFNClient(settings) }),
  run: sweep,
});

export const handler = create();
