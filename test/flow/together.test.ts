import { describe, expect, test } from '@jest/globals';
import { INSTANCE } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';
import {
  expectOrder,
  manageWithoutProfile,
  OTHER,
  sameInstant,
  secondInstance,
  spread,
  together,
  watchedStage,
} from './togetherWatch';

const PATIENT = { waitForInstanceMinutes: 240 };
const HOUR = 3_600;

const all = (count: number, status: string) => new Array(count).fill(status);

describe('several requests for one instance, with patience', () => {
  test.each([
    ['2 in one instant', sameInstant(2)],
    ['2 shortly after each other', [0, 11.5]],
    ['10 in one instant', sameInstant(10)],
    ['10 within half a minute, seed 1', spread(10, 30, 1)],
    ['10 within half an hour, seed 2', spread(10, 1_800, 2)],
  ])('%s: all run, one after the other, each under its own role', async (_, offsets) => {
    const watched = await watchedStage({ latency: 1 });
    const before = await stateOf(watched.stage);
    const ends = await together(watched, { offsets, more: PATIENT });
    expect(ends.map(({ status }) => status)).toEqual(all(offsets.length, 'SUCCEEDED'));
    expectOrder(watched, ends);
    await watched.stage.pass(9 * HOUR);
    expect(await stateOf(watched.stage)).toEqual(before);
  });

  test('those whose patience ends before their turn are InstanceBusy, and clean', async () => {
    const watched = await watchedStage({ latency: 2 });
    const before = await stateOf(watched.stage);
    const ends = await together(watched, { offsets: sameInstant(10), more: { waitForInstanceMinutes: 5 } });
    const done = ends.filter(({ status }) => status === 'SUCCEEDED');
    const busy = ends.filter(({ error }) => error === 'InstanceBusy');
    expect(done.length).toBeGreaterThan(1);
    expect(done.length + busy.length).toBe(10);
    expectOrder(watched, ends);
    await watched.stage.pass(9 * HOUR);
    expect(await stateOf(watched.stage)).toEqual(before);
  });

  test('on an instance without a profile: it has none between two of them, nor afterwards', async () => {
    const watched = await watchedStage({ profile: null });
    await manageWithoutProfile(watched.stage);
    const ends = await together(watched, { offsets: sameInstant(3), more: PATIENT });
    expect(ends.map(({ status }) => status)).toEqual(all(3, 'SUCCEEDED'));
    expectOrder(watched, ends);
    expect(watched.profiles[INSTANCE]?.[0]).toBe('none');
  });

  test('for two instances: neither waits for the other', async () => {
    const watched = await watchedStage({ latency: 3 });
    await secondInstance(watched.stage);
    const instances = [INSTANCE, OTHER];
    const ends = await together(watched, { offsets: sameInstant(6), instances, more: PATIENT });
    expect(ends.map(({ status }) => status)).toEqual(all(6, 'SUCCEEDED'));
    expectOrder(watched, ends);
    const [here, there] = instances.map((id) => watched.scripts.filter(({ instance }) => instance === id));
    expect([here?.length, there?.length]).toEqual([3, 3]);
    expect(here?.some(({ begin, end }) => there?.some((other) => other.begin < end && begin < other.end))).toBe(true);
  });
});

describe('several requests for one instance, without patience', () => {
  test.each([
    ['2 in one instant', sameInstant(2), undefined],
    ['10 in one instant', sameInstant(10), undefined],
    ['10 in one instant, calls that take time', sameInstant(10), 4],
    ['10 within a quarter of a minute, seed 5', spread(10, 15, 5), 5],
  ])('%s: one runs, the others are InstanceBusy, and nothing of them stays', async (_, offsets, latency) => {
    const watched = await watchedStage(latency === undefined ? {} : { latency });
    const { stage } = watched;
    const before = await stateOf(stage);
    const ends = await together(watched, { offsets });
    expect(ends.filter(({ status }) => status === 'SUCCEEDED')).toHaveLength(1);
    expect(ends.filter(({ error }) => error === 'InstanceBusy')).toHaveLength(offsets.length - 1);
    expectOrder(watched, ends);
    await stage.pass(120);
    const { rest, draining } = withoutDraining(await stateOf(stage));
    expect(rest).toEqual(before);
    for (const { inline } of Object.values(draining)) expect(inline).not.toContain('stepup-grant');
    expect(await stage.recoveries()).toEqual([]);
    await stage.pass(9 * HOUR);
    expect(await stateOf(stage)).toEqual(before);
  });
});
