import { beforeAll, describe, expect, test } from '@jest/globals';
import { narrowStack, play } from './playing';
import type { Scenario } from './scenario';
import { SCENARIOS } from './scenarios';
import { type Change, changed, granted, removals } from './statements';

const stack = narrowStack();
const all = granted(stack);

/** Who asked for what in a scenario: `restore ec2:DescribeInstances`. */
const asked = new Map<Scenario, Set<string>>();
beforeAll(async () => {
  for (const scenario of SCENARIOS) {
    const calls = (await play(scenario, stack)).map(({ role, action }) => `${role} ${action}`);
    asked.set(scenario, new Set([...calls, ...(scenario.reads ?? []).flatMap(of)]));
  }
}, 120_000);

/** What is read in the template is read of every role. */
const of = (action: string): string[] => [...new Set(all.map(({ role }) => `${role} ${action}`))];

/** Every scenario; first those that need the action. */
function inOrder({ action, granted: { role } }: Change): Scenario[] {
  const went = (scenario: Scenario) => asked.get(scenario)?.has(`${role} ${action}`);
  return [...SCENARIOS.filter(went), ...SCENARIOS.filter((scenario) => !went(scenario))];
}

/** @returns the name of the scenario that misses what is removed */
async function missedBy(change: Change): Promise<string | undefined> {
  const folder = changed(change, stack);
  for (const scenario of inOrder(change)) {
    const missed = await play(scenario, folder, stack).then(
      () => false,
      () => true,
    );
    if (missed) return scenario.name;
  }
  return undefined;
}

describe('nothing is spare', () => {
  test.each(removals(all))('$what', async (change) => {
    expect(await missedBy(change)).toBeDefined();
  });
});
