import type { Retrier } from './asl';
import { matches } from './failures';

/**
 * Counts the retries of one visit to a Task state, each retrier by itself.
 * @returns for an error, the milliseconds until the next attempt; undefined when there is none
 */
export function retries(retriers: Retrier[] = [], random: () => number): (error: string) => number | undefined {
  const used = new Map<Retrier, number>();
  return (error) => {
    const retrier = retriers.find(({ ErrorEquals }) => matches(ErrorEquals, error));
    if (!retrier) return undefined;
    const attempts = used.get(retrier) ?? 0;
    if (attempts >= (retrier.MaxAttempts ?? 3)) return undefined;
    used.set(retrier, attempts + 1);
    const seconds = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** attempts;
    const delay = Math.min(seconds, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY) * 1000;
    return Math.round(retrier.JitterStrategy === 'FULL' ? random() * delay : delay);
  };
}
