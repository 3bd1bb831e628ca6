import { IAMClient } from '@aws-sdk/client-iam';
import { systemClock } from '../common/clock';
import { defineFunction, type Surroundings } from '../common/lambda';
import { type Put, requestSchema } from './event';
import { guardRelease } from './guardRelease';
import { putTo } from './put';

export const create = ({ put = putTo(systemClock), ...surroundings }: Partial<Surroundings> & { put?: Put } = {}) =>
  defineFunction({
    name: 'guardRelease',
    event: requestSchema,
    clients: (settings) => ({ iam: new IAMClient(settings) }),
    run: (request, deps) => guardRelease(request, deps, put),
  })(surroundings);

export const handler = create();
