import { GetCallerIdentity$, type GetCallerIdentityRequest, type GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { operation } from '../../world';

/** Needs no permission and cannot be denied (aws-facts-2 10.1). */
export const getCallerIdentity = operation<GetCallerIdentityRequest, GetCallerIdentityResponse>(
  'sts',
  GetCallerIdentity$,
  'full',
  ({ world, principal }) => ({ UserId: principal.userId, Account: world.account, Arn: principal.arn }),
);
