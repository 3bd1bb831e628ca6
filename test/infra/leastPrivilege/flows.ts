import { expect } from '@jest/globals';
import { deaf } from '../../functions/sweeps';
import { attachedNow, SETTLED } from '../../functions/worlds';
import { createStage, request, type Stage, type StageOptions } from '../../support/stage';
import { stateOf } from '../../support/worldState';

type Wrap = NonNullable<StageOptions['wrapLauncher']>;
export const wrapped = ({ wrapLauncher, ...options }: StageOptions, wrap: Wrap): StageOptions => ({
  ...options,
  wrapLauncher: (launcher) => wrap(wrapLauncher?.(launcher) ?? launcher),
});

export const root = ({ aws: { world } }: Stage, operation: string, input: object) =>
  world.asRoot('iam', operation, input);

/** A stage on which one elevation has ended as it should, and drains. */
export async function closed(options: StageOptions, more: object = {}) {
  const stage = await createStage(options);
  const before = await stateOf(stage);
  const { status, cause } = await stage.ended(await stage.start(request(undefined, more)));
  expect([status, cause]).toEqual(['SUCCEEDED', undefined]);
  await stage.pass(SETTLED);
  return { stage, before };
}

/** A stage on which one was stopped in the middle of its script, and no event says so. */
export async function unheard(options: StageOptions) {
  const stage = await createStage(wrapped(options, deaf!));
  const before = await stateOf(stage);
  const executionArn = await stage.start(request({ shell: ['sleep 3000'] }));
  await stage.pass(SETTLED);
  await stage.aws.world.asRoot('states', 'StopExecution', { executionArn });
  return { stage, before };
}

export async function expectRestored(stage: Stage): Promise<void> {
  expect(await attachedNow(stage)).toEqual(['app associated']);
  const { roles, running } = await stateOf(stage);
  const names = Object.keys(roles).filter((name) => /^stepup-[0-9a-f]{32}$/.test(name));
  const temps = names.flatMap((name) => roles[name] ?? []);
  expect(temps.map(({ tags }) => Object.keys(tags))).toEqual([expect.arrayContaining(['stepup:draining-since'])]);
  expect(temps[0]?.inline).not.toContain('stepup-grant');
  expect(running).toBe(0);
}
