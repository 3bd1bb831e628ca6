import { AwsError } from './operation';
import type { World } from './world';

/** What EventBridge's services have in common: how long, and how often, what may pass is tried again (aws-facts-2 16.1). */
export interface Retry {
  maximumAge: number;
  maximumAttempts: number;
}

/** EventBridge's own, for a target without a retry policy. */
const DEFAULT_RETRY: Retry = { maximumAge: 24 * 3_600_000, maximumAttempts: 185 };
/** Unconfirmed: the documentation says "exponential back off" and no numbers; 185 times in a day is every eight minutes. */
const FIRST_BACKOFF = 1_000;
const LONGEST_BACKOFF = 480_000;

export interface Delivery {
  retry?: Retry | undefined;
  /** @throws AwsError when the target was not reached */
  send(): Promise<void>;
  /** What cannot be delivered; `why`: attributes of the dead letter. */
  bury(error: AwsError, why: Record<string, string>): void;
}

/** Names of EventBridge's table of ERROR_CODE. Unconfirmed: that of a server's error. */
export const errorCode = ({ status }: AwsError): string =>
  ({ 403: 'NO_PERMISSIONS', 404: 'NO_RESOURCE', 429: 'THROTTLING' })[status] ??
  (status >= 500 ? 'INTERNAL_EXCEPTION_FROM_TARGET' : 'ERROR_FROM_TARGET');

/** @param later calls after so many milliseconds, unless the world ends before */
export function createRetrying({ clock }: World, later: (ms: number, action: () => void) => void) {
  const attempt = async (delivery: Delivery, begun: number, retries: number): Promise<void> => {
    try {
      await delivery.send();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // A missing target or permission is not tried again (aws-facts-2 16.1).
      if (error.status !== 429 && error.status < 500) return delivery.bury(error, { RETRY_ATTEMPTS: '0' });
      const { maximumAge, maximumAttempts } = delivery.retry ?? DEFAULT_RETRY;
      const backoff = Math.min(FIRST_BACKOFF * 2 ** retries, LONGEST_BACKOFF);
      const isTooOld = clock.now() + backoff - begun > maximumAge;
      if (!isTooOld && retries < maximumAttempts) {
        return later(backoff, () => void attempt(delivery, begun, retries + 1));
      }
      delivery.bury(error, {
        RETRY_ATTEMPTS: String(retries),
        EXHAUSTED_RETRY_CONDITION: isTooOld ? 'MaximumEventAgeInSeconds' : 'MaximumRetryAttempts',
      });
    }
  };
  return (delivery: Delivery): void => void attempt(delivery, clock.now(), 0);
}
