import type { World } from '../world';
import type { WireRequest } from './message';

/** Epoch ms of x-amz-date; NaN without one. */
export function signingTime({ headers }: WireRequest): number {
  const stamp = headers['x-amz-date'] ?? '';
  return Date.parse(stamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/**
 * The clock that the request was signed by. The world may run faster than the wall clock, or stand still: a child
 * process signs with wall time and code inside with the world's. Whichever is nearer counts.
 */
export function signersClock(request: WireRequest, { clock }: World, wallTime: () => number): () => number {
  const signed = signingTime(request);
  const worldTime = () => clock.now();
  return Math.abs(signed - wallTime()) < Math.abs(signed - worldTime()) ? wallTime : worldTime;
}
