import { expect, test } from '@jest/globals';
import { createCountdown } from '../../cli/countdown';

const MINUTE = 60_000;

/** Looks every ten minutes, while the clock that ends the hold runs as it likes. */
async function told(until: number, ...times: number[]): Promise<string[]> {
  const written: string[] = [];
  let now = 0;
  let slept = 0;
  const clock = {
    now: () => slept,
    sleep: async (ms: number) => {
      slept += ms;
      now = times.shift()!;
    },
  };
  const countdown = createCountdown({
    clock,
    now: () => now,
    err: (text) => void written.push(text),
    isTerminal: false,
  });
  countdown.heldUntil(until);
  while (times.length > 0) await countdown.sleep(10 * MINUTE);
  return written;
}

test('each mark is told once, and of several that are passed at once the lowest', async () => {
  expect(
    await told(70 * MINUTE, 5 * MINUTE, 10 * MINUTE, 11 * MINUTE, 66 * MINUTE, 69.5 * MINUTE, 80 * MINUTE),
  ).toEqual(['60 min left\n', '5 min left\n', '1 min left\n']);
});
