import { describe, expect, test } from '@jest/globals';
import { LOOK_EVERY_MS, nextLook, POLL_MS, poll } from '../../functions/common/poll';
import { virtualClock } from '../../local/clock/virtual';

/** Polls for an answer that comes at a look; returns it, the looks and the time that passed. */
async function polled<T>(answer: (look: number) => T | undefined, forMs?: number) {
  const clock = virtualClock(0);
  let looks = 0;
  const look = async () => {
    looks += 1;
    return answer(looks);
  };
  return { answer: await clock.run(poll(clock, look, forMs)), looks, passed: clock.now() };
}

describe('a function that looks again and again', () => {
  test('an answer at once costs no time', async () => {
    expect(await polled(() => 'here')).toEqual({ answer: 'here', looks: 1, passed: 0 });
  });

  test('looks every two seconds', async () => {
    const expected = { answer: 'here', looks: 4, passed: 3 * LOOK_EVERY_MS };
    expect(await polled((look) => (look === 4 ? 'here' : undefined))).toEqual(expected);
  });

  test('gives up in time, after a last look', async () => {
    const { answer, looks, passed } = await polled(() => undefined);
    expect([answer, looks]).toEqual([undefined, POLL_MS / LOOK_EVERY_MS + 1]);
    expect(passed).toBeLessThanOrEqual(POLL_MS);
  });

  test('looks once when there is no time', async () => {
    expect(await polled(() => undefined, 0)).toMatchObject({ looks: 1, passed: 0 });
  });

  test.each([false, 0, '', null])('%j is an answer', async (value) => {
    expect(await polled(() => value)).toMatchObject({ answer: value, looks: 1 });
  });

  test('an error ends it', async () => {
    const boom = () => {
      throw new Error('boom');
    };
    await expect(polled(boom)).rejects.toThrow('boom');
  });
});

test.each([
  [0, 5],
  [60_000, 6],
  [600_000, 60],
  [3_000_000, 300],
  [86_400_000, 300],
])('after %s ms the next look comes in %s s', (age, seconds) => {
  expect(nextLook(age)).toBe(seconds);
});

test("a day's wait stays far below an execution's 25,000 events", () => {
  let looks = 0;
  for (let age = 0; age < 86_400_000; age += nextLook(age) * 1_000 + POLL_MS) looks += 1;
  expect(looks * 7).toBeLessThan(5_000);
});
