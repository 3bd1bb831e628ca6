import {
  GetConnectionStatus$,
  type GetConnectionStatusRequest,
  type GetConnectionStatusResponse,
} from '@aws-sdk/client-ssm';
import { operation } from '../../world';
import { instanceResource, type Ssm } from '../state';

export const getConnectionStatus = ({ world, registry }: Ssm) =>
  operation<GetConnectionStatusRequest, GetConnectionStatusResponse>(
    'ssm',
    GetConnectionStatus$,
    'full',
    ({ input: { Target = '' }, authorize }) => {
      authorize('ssm:GetConnectionStatus', ...instanceResource(world, Target));
      return { Target, Status: registry.connected(Target) ? 'connected' : 'notconnected' };
    },
  );
