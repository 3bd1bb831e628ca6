import type { FinalizeRequestMiddleware, MiddlewareStack } from '@smithy/types';
import { StepUpError } from '../../state-machine/errors';
import type { Clock } from '../common/clock';

/** Before API Gateway gives up (29 s) and Lambda ends the function (28 s): the last attempt may take 5 s. */
const PATIENCE_MS = 22_000;

/** What each attempt of a call may take: an answer to a read of Step Functions comes within a second. */
export const ATTEMPTS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_500, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

/** Has no attempt begin that could not be answered in time: the caller hears 503, not API Gateway's 504. */
export function keepTime(clients: object, clock: Clock): void {
  const end = clock.now() + PATIENCE_MS;
  const timely: FinalizeRequestMiddleware<object, object> = (next) => (args) => {
    if (clock.now() > end) throw new StepUpError('AwsUnavailable', 'AWS took too long over the calls before this one.');
    return next(args);
  };
  const stacks = Object.values(clients) as { middlewareStack: MiddlewareStack<object, object> }[];
  for (const { middlewareStack } of stacks) {
    middlewareStack.addRelativeTo(timely, {
      name: 'keepTime',
      relation: 'after',
      toMiddleware: 'retryMiddleware',
      override: true,
    });
  }
}
