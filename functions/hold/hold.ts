import type { IAMClient } from '@aws-sdk/client-iam';
import type { TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { iso } from '../common/clock';
import { BEFORE_EXPIRY_MS } from '../common/expiry';
import type { Deps } from '../common/lambda';
import { requireOpen } from '../common/record';

/** Until when the instance is held, if nobody releases it; what history keeps of this function. */
export interface Held {
  until: string;
}

/**
 * Says that a hold has begun: a line of the log, and an answer in the history. Changes nothing. The state waits from here on
 * for its token, which is not read: whoever releases finds it in the history, and nowhere else (aws-facts-2 18.2).
 * @throws StepUpError ElevationClosed, CommandRejected when the hold would outlast its grant; then nothing is held
 */
export async function hold(
  { document, execution }: TaskEvent,
  { iam, clock, log }: Deps<{ iam: IAMClient }>,
): Promise<Held> {
  const { expires } = await requireOpen(iam, execution);
  const seconds = document.proof?.done ? document.proof.workSeconds : 0;
  // The state counts from before this invocation, so that it ends earlier, not later.
  const until = clock.now() + seconds * 1_000;
  if (until > Date.parse(expires) - BEFORE_EXPIRY_MS) {
    throw new StepUpError(
      'CommandRejected',
      `The grant ends at ${expires}, before a hold of ${seconds} s could: its beginning took too long. Nothing was held; try again.`,
    );
  }
  log.info('held', { until: iso(until) });
  return { until: iso(until) };
}
