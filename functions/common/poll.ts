import type { Clock } from './clock';

/** A function looks by itself for about this long; if that was not enough, the state machine waits and calls it again. */
export const POLL_MS = 20_000;
export const LOOK_EVERY_MS = 2_000;

/**
 * Looks again and again until there is an answer or `POLL_MS` have passed.
 * @returns the first answer of `look` that is not undefined; undefined when there was none in time
 */
export async function poll<T>(
  clock: Clock,
  look: () => Promise<T | undefined>,
  forMs = POLL_MS,
): Promise<T | undefined> {
  const end = clock.now() + forMs;
  for (;;) {
    const answer = await look();
    if (answer !== undefined || clock.now() + LOOK_EVERY_MS > end) return answer;
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/**
 * Seconds until the next look at something that has been going on for `ageMs`: a tenth of its age, 5 to 300 s.
 * A wait of a day is then about 400 looks of 9 events each, far below 25,000.
 */
export const nextLook = (ageMs: number): number => Math.min(300, Math.max(5, Math.round(ageMs / 10_000)));
