import { IAMClient } from '@aws-sdk/client-iam';
import { taskEventSchema } from '../../state-machine/document';
import { defineFunction } from '../common/lambda';
import { hold } from './hold';

/** The schema leaves out the token that the event brings: nothing behind it can log it, or return it. */
export const create = defineFunction({
  name: 'hold',
  event: taskEventSchema,
  clients: (settings) => ({ iam: new IAMClient(settings) }),
  run: hold,
});

export const handler = create();
