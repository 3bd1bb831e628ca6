import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalAws, operations } from '../../../local';
import type { Example } from './example';
import { CHAINS } from './examples';
import { type Played, play } from './play';
import { sdkClient } from './sdkClient';

const aws = createLocalAws();
afterAll(() => aws.close());

describe('examples', () => {
  const all = CHAINS.flatMap(({ service, examples }) => examples.map((example) => ({ service, ...example })));
  const named = (holds: (example: Example) => boolean) =>
    new Set(all.filter(holds).map(({ service, operation }) => `${service} ${operation}`));
  const supported = operations(aws.world).map(({ service, name }) => `${service} ${name}`);

  test('every operation has one that it answers, and one that it refuses', () => {
    const answered = named(({ expected }) => 'answer' in expected);
    const refused = named(({ expected }) => 'refusal' in expected);
    expect(supported.filter((name) => !answered.has(name) || !refused.has(name))).toEqual([]);
  });

  test('none is of an operation that is not there', () => {
    expect([...named(() => true)].filter((name) => !supported.includes(name))).toEqual([]);
  });
});

describe.each(CHAINS)('$service through the SDK', (chain) => {
  let played: Played;
  beforeAll(async () => {
    played = await play(chain, sdkClient());
  }, 30_000);

  test.each(chain.examples)('$# $operation as $as', (example) => {
    expect(played.get(example)).toEqual(example.expected);
  });
});
