import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { z } from '../../state-machine/schema';
import { defineFunction, type Surroundings } from '../common/lambda';
import { ATTEMPTS, keepTime } from './deadline';
import { requestElevation } from './requestElevation';

const define = defineFunction({
  name: 'requestElevation',
  // Whatever comes has an answer: what it must look like is said there.
  event: z.unknown(),
  clients: (settings) => ({
    sfn: new SFNClient(settings),
    ec2: new EC2Client(settings),
    iam: new IAMClient(settings),
    ssm: new SSMClient(settings),
  }),
  run: (event, deps) => {
    const { sfn, ec2, iam, ssm, clock } = deps;
    keepTime({ sfn, ec2, iam, ssm }, clock);
    return requestElevation(event, deps);
  },
});

export const create = (surroundings: Partial<Surroundings> = {}) =>
  define({ clientSettings: ATTEMPTS, ...surroundings });

export const handler = create();
