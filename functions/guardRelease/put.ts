import type { Clock } from '../common/clock';
import type { Put } from './event';

/** After these, in ms, it is tried again. */
const RETRIES_AFTER = [1_000, 3_000, 10_000];
const TIMEOUT_MS = 5_000;

/** @throws Error when nobody takes it: Lambda then invokes the function twice more, and the answer is found anew */
export const putTo =
  (clock: Clock): Put =>
  async (url, answer) => {
    const body = JSON.stringify(answer);
    for (let tries = 0; ; tries += 1) {
      try {
        // The URL is signed for an empty content type.
        const headers = { 'content-type': '' };
        const { ok, status } = await fetch(url, {
          method: 'PUT',
          headers,
          body,
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        if (ok) return;
        throw new Error(`CloudFormation's URL answered ${status}`);
      } catch (error) {
        const wait = RETRIES_AFTER[tries];
        if (wait === undefined) throw error;
        await clock.sleep(wait);
      }
    }
  };
