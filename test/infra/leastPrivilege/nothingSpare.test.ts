import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Intercept } from '../../../local';
import { scratchFolder } from '../../support/scratch';
import type { StageOptions } from '../../support/stage';
import { synthWithCatalogue } from '../synth';
import type { Scenario } from './scenario';
import { SCENARIOS } from './scenarios';
import { type Change, changed, granted, removals } from './statements';

const SHIPPED_GRANTS = join(__dirname, '..', '..', '..', 'infra', 'grants');
/** Of each list in the configuration one element, which the flows go by: of a second one nothing would be missed. */
const grantsFolder = scratchFolder('grants');
const shipped = JSON.parse(readFileSync(join(SHIPPED_GRANTS, 'run-remote-script.json'), 'utf8'));
const grant = { ...shipped, documents: ['AWS-RunShellScript'] };
writeFileSync(join(grantsFolder, 'run-remote-script.json'), JSON.stringify(grant));
const assembly = synthWithCatalogue({
  grantsFolder,
  restorableRoles: ['arn:aws:iam::123456789012:role/app'],
  inheritablePolicies: ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'],
  outputLocations: [{ s3: 's3://results/jobs' }],
});
const all = granted(assembly);

/** Who asked for what in a scenario: `restore DescribeInstances`. */
const asked = new Map<Scenario, Set<string>>();

function optionsOf(folder: string, intercept?: Intercept): StageOptions {
  return {
    assembly: folder,
    ...(intercept && { intercept }),
    // The functions run from their sources, and find the catalogue in the place of their bundles.
    wrapLauncher: ({ launch }) => ({ launch: (fn, ...more) => launch({ ...fn, code: assembly }, ...more) }),
  };
}

/** Every scenario; first those in which the role made the call that the action is for. */
function inOrder({ action = '', granted: { role } }: Change): Scenario[] {
  const call = `${role} ${action.split(':')[1]}`;
  const went = (scenario: Scenario) => asked.get(scenario)?.has(call);
  return [...SCENARIOS.filter(went), ...SCENARIOS.filter((scenario) => !went(scenario))];
}

/** @returns the name of the scenario that misses what is removed */
async function missedBy(change: Change): Promise<string | undefined> {
  const folder = changed(change, assembly);
  for (const scenario of inOrder(change)) {
    const missed = await scenario.play(optionsOf(folder)).then(
      () => false,
      () => true,
    );
    if (missed) return scenario.name;
  }
  return undefined;
}

describe('nothing is missing', () => {
  test.each(SCENARIOS)('$name', async (scenario) => {
    const calls = new Set<string>();
    asked.set(scenario, calls);
    await scenario.play(
      optionsOf(assembly, ({ principal, operation }, proceed) => {
        calls.add(`${principal.name?.split('-').at(-1)} ${operation}`);
        return proceed();
      }),
    );
  });
});

describe('nothing is spare', () => {
  test.each(removals(all))('$what', async (change) => {
    expect(await missedBy(change)).toBeDefined();
  });
});
