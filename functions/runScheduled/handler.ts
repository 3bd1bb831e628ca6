import { SFNClient } from '@aws-sdk/client-sfn';
import { z } from '../../state-machine/schema';
import { defineFunction } from '../common/lambda';
import { runScheduled } from './runScheduled';

export const create = defineFunction({
  name: 'runScheduled',
  // Read by the logic: what it does not understand is counted as a run that could not be started.
  event: z.unknown(),
  clients: (settings) => ({ sfn: new SFNClient(settings) }),
  run: runScheduled,
});

export const handler = create();
