import { SFNClient } from '@aws-sdk/client-sfn';
import { defineFunction } from '../common/lambda';
import { recover, statusChangeSchema } from './recover';

export const create = defineFunction({
  name: 'recover',
  event: statusChangeSchema,
  clients: (settings) => ({ sfn: new SFNClient(settings) }),
  run: recover,
});

export const handler = create();
