import { expect, test } from '@jest/globals';
import { eventsOf, expectOrder, sameInstant, spread, together, watchedStage } from './togetherWatch';

/** Step Functions ends an execution whose history has more (aws-facts 5.1). */
const MOST_EVENTS = 25_000;
const LONGEST_PATIENCE = 1_440;
const HOUR_MS = 3_600_000;

test.each([
  ['in one instant', sameInstant(50)],
  ['within a quarter of an hour', spread(50, 900, 6)],
])(
  '50 requests %s: all run, one after the other',
  async (_, offsets) => {
    const watched = await watchedStage({ latency: 6 });
    const ends = await together(watched, { offsets, more: { waitForInstanceMinutes: LONGEST_PATIENCE } });
    expect(ends.filter(({ status }) => status === 'SUCCEEDED')).toHaveLength(50);
    expectOrder(watched, ends);
  },
  60_000,
);

test('to wait for hours costs few events and few calls, and a day of it is far below the limit', async () => {
  const watched = await watchedStage({ scriptSeconds: 3_000 });
  const { stage, calls } = watched;
  const more = { waitForInstanceMinutes: LONGEST_PATIENCE, durationMinutes: 60 };
  const ends = await together(watched, { offsets: sameInstant(8), more });
  expect(ends.filter(({ status }) => status === 'SUCCEEDED')).toHaveLength(8);
  let waited = 0;
  for (const { executionArn = '', name, startDate } of ends) {
    const hours = ((watched.scripts.find(({ run }) => run === name)?.begin ?? 0) - Number(startDate)) / HOUR_MS;
    waited += hours;
    // A script of 50 minutes alone takes some hundred events.
    expect((await eventsOf(stage, executionArn)) - 400).toBeLessThan((hours / 24) * (MOST_EVENTS / 2));
  }
  expect(waited).toBeGreaterThan(20);
  const asked = Object.values(calls).reduce((sum, count) => sum + count);
  expect(asked / (waited * 3_600)).toBeLessThan(0.2);
});
