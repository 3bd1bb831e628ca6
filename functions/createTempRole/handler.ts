import { IAMClient } from '@aws-sdk/client-iam';
import { taskEventSchema } from '../../state-machine/document';
import { defineFunction } from '../common/lambda';
import { createTempRole } from './createTempRole';

export const create = defineFunction({
  name: 'createTempRole',
  event: taskEventSchema,
  clients: (settings) => ({ iam: new IAMClient(settings) }),
  run: createTempRole,
});

export const handler = create();
