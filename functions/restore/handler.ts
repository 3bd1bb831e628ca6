import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { taskEventSchema } from '../../state-machine/document';
import { defineFunction } from '../common/lambda';
import { restore } from './restore';

export const create = defineFunction({
  name: 'restore',
  event: taskEventSchema,
  clients: (settings) => ({
    ec2: new EC2Client(settings),
    iam: new IAMClient(settings),
    sfn: new SFNClient(settings),
    ssm: new SSMClient(settings),
  }),
  run: restore,
});

export const handler = create();
