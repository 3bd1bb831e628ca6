import { beforeAll, describe, expect, test } from '@jest/globals';
import { synthWithCatalogue } from '../infra/synth';
import { scheduleFile, scheduleFolder } from '../support/scheduleFolder';
import { createStage, DEPLOYMENT, INSTANCE, type Stage, type StageOptions } from '../support/stage';
import { stateOf } from '../support/worldState';

const NOWHERE = { instanceId: 'i-0ffffffffffffffff' };
const DAY = 86_400;

let assembly: string;
beforeAll(() => {
  const schedulesFolder = scheduleFolder({
    nightly: scheduleFile({}, NOWHERE),
    hourly: scheduleFile({ schedule: 'cron(0 * * * ? *)', enabled: false }, NOWHERE),
    once: scheduleFile({ schedule: 'at(2026-02-03T12:00:00)', flexibleWindowMinutes: 60 }),
  });
  assembly = synthWithCatalogue({ deployment: DEPLOYMENT, schedulesFolder });
});

const START = Date.UTC(2026, 1, 1);

async function staged(options: StageOptions = {}): Promise<Stage> {
  const stage = await createStage({ assembly, startAt: START, signatures: 'trusted', ...options });
  // A year has 35,040 turns of sweep, and nothing for it to do.
  stage.aws.world.events.removeRule(`${DEPLOYMENT}-sweep`);
  return stage;
}

/** Names of the elevations that began, in order. */
function startedOn({ aws }: Stage): string[] {
  const names: string[] = [];
  aws.world.states.onEntered = (executionArn, state) => {
    if (state === 'Begin' && executionArn.includes('-elevation:')) names.push(executionArn.split(':').at(-1)!);
  };
  return names;
}

test('a year of a daily schedule, every time told twice: one elevation for each night that has half past two', async () => {
  const lines: string[] = [];
  const stage = await staged({ log: (line) => lines.push(line) });
  stage.aws.world.scheduler.deliveries = () => 'twice';
  const started = startedOn(stage);
  await stage.pass(365 * DAY);
  const summer = (date: string) => date >= '2026-03-29' && date <= '2026-10-25';
  const nights = Array.from({ length: 365 }, (_, day) =>
    new Date(START + day * DAY * 1_000).toISOString().slice(0, 10),
  );
  const expected = nights
    // The clocks go from two to three.
    .filter((date) => date !== '2026-03-29')
    .map((date) => `nightly-${date.replaceAll('-', '')}T0${summer(date) ? 0 : 1}3000Z`);
  const nightly = started.filter((name) => name.startsWith('nightly-'));
  expect(nightly.map((name) => name.slice(0, -17))).toEqual(expected);
  expect(new Set(nightly).size).toBe(expected.length);
  expect(lines.filter((line) => line.includes('"run is there already"'))).toHaveLength(expected.length + 1);
}, 120_000);

describe('a schedule that is due', () => {
  test('elevates as anybody, says who it is, and gives back', async () => {
    const stage = await staged();
    const before = await stateOf(stage);
    const started = startedOn(stage);
    await stage.pass(2.6 * DAY);
    const name = started.find((one) => one.startsWith('once-'));
    expect(name).toMatch(/^once-20260203T110000Z-[0-9a-f]{16}$/);
    const executionArn = `${stage.machineArn('elevation').replace('stateMachine', 'execution')}:${name}`;
    const ended = await stage.ended(executionArn);
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(JSON.parse(ended.input as string)).toEqual({
      ...{
        work: { shell: ['echo done'] },
        baseline: 'inherit',
        waitForInstanceMinutes: 0,
        instanceId: INSTANCE,
        grant: 'run-remote-script',
      },
      requester: {
        schedule: `arn:aws:scheduler:us-east-1:123456789012:schedule/${DEPLOYMENT}/once`,
        scheduledTime: '2026-02-03T11:00:00Z',
      },
    });
    await stage.pass(9 * 3_600);
    expect((await stateOf(stage)).associations).toEqual(before.associations);
  });

  test('is not, when it is disabled', async () => {
    const stage = await staged();
    const started = startedOn(stage);
    await stage.pass(DAY);
    expect(started.map((name) => name.split('-')[0])).toEqual(['nightly']);
  });
});
