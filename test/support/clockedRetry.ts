import type { Clock } from '../../local/clock';

interface Token {
  getRetryCount(): number;
  getRetryDelay(): number;
}

const token = (count: number): Token => ({ getRetryCount: () => count, getRetryDelay: () => 0 });

/**
 * The SDK's standard retries (three attempts on transient, throttling and server errors), but waiting on the world's clock:
 * the SDK's own strategy waits by setTimeout, which virtual time cannot see.
 */
export function clockedRetry(clock: Pick<Clock, 'sleep'>, maxAttempts = 3) {
  return {
    mode: 'standard',
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (last: Token, { errorType }: { errorType: string }) => {
      const retryable = ['TRANSIENT', 'THROTTLING', 'SERVER_ERROR'].includes(errorType);
      if (!retryable || last.getRetryCount() + 1 >= maxAttempts) throw new Error('No retry token available');
      await clock.sleep((errorType === 'THROTTLING' ? 500 : 100) * 2 ** last.getRetryCount());
      return token(last.getRetryCount() + 1);
    },
    recordSuccess: () => undefined,
  };
}
