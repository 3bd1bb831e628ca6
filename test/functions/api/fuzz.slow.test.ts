import { expect, test } from '@jest/globals';
import { play } from './fuzzing';

/** In parts, so that what fails is soon known. */
const PARTS = 10;

test.each(Array.from({ length: PARTS }, (_, at) => at))(
  'none of ten thousand requests makes the API fail, or start what it should not (%i)',
  async () => {
    expect(await play(10_000)).toBeGreaterThan(800);
  },
  300_000,
);
