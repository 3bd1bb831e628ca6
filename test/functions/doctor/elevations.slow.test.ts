import { expect, test } from '@jest/globals';
import { createStage } from '../../support/stage';
import { AGENTS } from './agents';
import { diagnosisOf } from './asking';
import { compare } from './elevations';
import { INSTANCES } from './instances';
import { ORIGINALS, RIGHTS } from './originals';
import { TOOLS } from './tools';

test.each([...INSTANCES, ...AGENTS, ...ORIGINALS, ...RIGHTS, ...TOOLS])('$world: as the doctor says', async (one) => {
  const stage = await createStage(one.options);
  await one.arrange?.(stage);
  expect(await compare(stage, await diagnosisOf(stage))).toBe('ends' in one ? one.ends : one.error);
});
