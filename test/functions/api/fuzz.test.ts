import { expect, test } from '@jest/globals';
import { play } from './fuzzing';

test('no request makes the API fail, or start what it should not', async () => {
  const started = await play(1_500);
  expect(started).toBeGreaterThan(100);
});
