import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SSMClient } from '@aws-sdk/client-ssm';
import { taskEventSchema } from '../../state-machine/document';
import { defineFunction } from '../common/lambda';
import { runScript } from './runScript';

export const create = defineFunction({
  name: 'runScript',
  event: taskEventSchema,
  clients: (settings) => ({
    ec2: new EC2Client(settings),
    iam: new IAMClient(settings),
    ssm: new SSMClient(settings),
    // Neither a strategy nor attempts: whatever the settings say, this one sends each request once.
    ssmOnce: new SSMClient({ ...settings, retryStrategy: undefined, maxAttempts: 1 }),
  }),
  run: runScript,
});

export const handler = create();
