import { describe, expect, test } from '@jest/globals';
import { globOf } from '../../../state-machine/patterns';
import { type Asked, narrowStack, play } from './playing';
import { SCENARIOS } from './scenarios';
import { type Granted, granted } from './statements';

const stack = narrowStack();
const all = granted(stack);
const asked: Asked[] = [];

describe('nothing is missing', () => {
  test.each(SCENARIOS)('$name', async (scenario) => {
    asked.push(...(await play(scenario, stack)));
  });
});

/** Read in the template, action by action, where the embedded AWS asks nothing. */
const read = new Set(SCENARIOS.flatMap(({ reads = [] }) => reads));

/** @param pattern of a statement, `<AWS::Region>` and the like still in it */
const reaches = (pattern: string, { resource }: Asked): boolean =>
  globOf(pattern.replace(/<[^>]*>/g, '*')).test(resource);

/** That each is needed, and not only asked for, is shown by nothingSpare.slow.test.ts. */
describe('everything is asked for in one of these', () => {
  const byRole = ({ role }: Granted) => asked.filter((one) => one.role === role);

  test.each(all)('$role: $sid, every action', (statement) => {
    const theirs = byRole(statement);
    const never = statement.actions.filter(
      (action) =>
        !read.has(action) &&
        !theirs.some((one) => one.action === action && statement.resources.some((pattern) => reaches(pattern, one))),
    );
    expect(never).toEqual([]);
  });

  test.each(all.filter(({ resources }) => resources.length > 1))('$role: $sid, every resource', (statement) => {
    const theirs = byRole(statement).filter(({ action }) => statement.actions.includes(action));
    expect(statement.resources.filter((pattern) => !theirs.some((one) => reaches(pattern, one)))).toEqual([]);
  });
});
