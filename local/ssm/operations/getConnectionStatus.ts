import {
  GetConnectionStatus$,
  type GetConnectionStatusRequest,
  type GetConnectionStatusResponse,
} from '@aws-sdk/client-ssm';
import { operation } from '../../world';
import { given, instanceResource, type Ssm, validate, validLength } from '../state';

export const getConnectionStatus = ({ world, registry }: Ssm) =>
  operation<GetConnectionStatusRequest, GetConnectionStatusResponse>(
    'ssm',
    GetConnectionStatus$,
    'full',
    ({ input: { Target }, authorize }) => {
      validate(given('target', Target), ...validLength('target', Target, 1, 400));
      authorize('ssm:GetConnectionStatus', ...instanceResource(world, Target!));
      return { Target, Status: registry.connected(Target!) ? 'connected' : 'notconnected' };
    },
  );
