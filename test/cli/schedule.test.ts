import { beforeAll, describe, expect, test } from '@jest/globals';
import { synthWithCatalogue } from '../infra/synth';
import { stepup } from '../support/command';
import { scheduleFile, scheduleFolder } from '../support/scheduleFolder';
import { createStage, DEPLOYMENT, INSTANCE, type Stage } from '../support/stage';

let assembly: string;
beforeAll(() => {
  assembly = synthWithCatalogue({
    deployment: DEPLOYMENT,
    schedulesFolder: scheduleFolder({
      nightly: scheduleFile({ start: '2026-03-27T00:00:00Z', flexibleWindowMinutes: 15 }),
      once: scheduleFile({
        description: 'Of one time',
        schedule: 'at(2026-11-20T13:00:00)',
        timeZone: 'America/St_Johns',
      }),
      off: scheduleFile({ enabled: false }),
    }),
  });
});

/** Two days before the clocks are changed in Berlin. */
const START = Date.parse('2026-03-27T12:00:00Z');
const staged = (startAt = START): Promise<Stage> => createStage({ assembly, startAt });

/** As somebody leaves it who changes a schedule in the console. */
function changed({ aws: { world } }: Stage, name: string, change: object): void {
  world.scheduler.putSchedule({
    name,
    group: DEPLOYMENT,
    expression: 'rate(1 days)',
    timeZone: 'UTC',
    enabled: true,
    target: { arn: 'arn:x', roleArn: 'arn:y', input: '{}', retry: { maximumAge: 60_000, maximumAttempts: 0 } },
    ...change,
  });
}

describe('stepup schedule list', () => {
  test('shows each with its next five times, as the clocks of its zone show them', async () => {
    const { code, out, err } = await stepup(await staged(), ['schedule', 'list']);
    expect([code, err]).toEqual([0, '']);
    const [nightly = '', off = '', once = ''] = out.split('\n\n');
    expect(nightly).toMatch(/^ *Schedule +nightly$/m);
    expect(nightly).toMatch(/^ *Description +A nightly job$/m);
    expect(nightly).toMatch(/^ *When +cron\(30 2 \* \* \? \*\) in Europe\/Berlin$/m);
    expect(nightly).toMatch(/^ *Window +within 15 minutes$/m);
    expect(nightly).toMatch(/^ *State +enabled$/m);
    expect(nightly).toMatch(new RegExp(`^ *Asks for +run-remote-script on ${INSTANCE}$`, 'm'));
    // Not on the 29th, when there is no half past two.
    expect(nightly.match(/\w{3} 2026-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d/g)).toEqual([
      'Sat 2026-03-28 02:30 +01:00',
      'Mon 2026-03-30 02:30 +02:00',
      'Tue 2026-03-31 02:30 +02:00',
      'Wed 2026-04-01 02:30 +02:00',
      'Thu 2026-04-02 02:30 +02:00',
    ]);
    expect(off).toMatch(/^ *State +disabled$/m);
    expect(off).toMatch(/^ *Next +none while it is disabled$/m);
    expect(once).toMatch(/^ *Next +Fri 2026-11-20 13:00 -03:30$/m);
  });

  test('--json has the same, in UTC', async () => {
    const { code, out } = await stepup(await staged(), ['schedule', 'list', '--json']);
    expect(code).toBe(0);
    const [nightly, off, once] = JSON.parse(out);
    expect(nightly).toEqual({
      name: 'nightly',
      description: 'A nightly job',
      schedule: 'cron(30 2 * * ? *)',
      timeZone: 'Europe/Berlin',
      enabled: true,
      start: null,
      end: null,
      flexibleWindowMinutes: 15,
      request: { ...scheduleFile().request, baseline: 'inherit', waitForInstanceMinutes: 0 },
      next: [
        '2026-03-28T01:30:00.000Z',
        '2026-03-30T00:30:00.000Z',
        '2026-03-31T00:30:00.000Z',
        '2026-04-01T00:30:00.000Z',
        '2026-04-02T00:30:00.000Z',
      ],
      note: '',
    });
    expect(off).toMatchObject({ enabled: false, next: [], note: 'none while it is disabled' });
    expect(once).toMatchObject({ next: ['2026-11-20T16:30:00.000Z'], note: '' });
  });

  test('one time that has passed is over', async () => {
    const { out } = await stepup(await staged(Date.parse('2026-12-01T00:00:00Z')), ['schedule', 'list']);
    expect(out).toMatch(/^ *Next +none: it is over$/m);
  });

  test('says of what somebody changed in the console what it is now', async () => {
    const stage = await staged();
    changed(stage, 'nightly', {});
    const { code, out } = await stepup(stage, ['schedule', 'list', '--json']);
    expect(code).toBe(0);
    const [nightly] = JSON.parse(out);
    expect(nightly).toMatchObject({ schedule: 'rate(1 days)', request: null, note: 'about: it has no start' });
    expect(nightly.next).toHaveLength(5);
  });

  test('there may be none, also in a deployment that is older than schedules', async () => {
    const stage = await createStage();
    expect(await stepup(stage, ['schedule', 'list'])).toEqual({ code: 0, out: '', err: 'There are no schedules.\n' });
    expect((await stepup(stage, ['schedule', 'list', '--json'])).out).toBe('[]\n');
    stage.aws.world.scheduler.removeGroup(DEPLOYMENT);
    expect(await stepup(stage, ['schedule', 'list'])).toMatchObject({ code: 0, err: 'There are no schedules.\n' });
  });
});

describe('stepup schedule run-now', () => {
  test('runs what the schedule asks for, as a direct start, and follows it', async () => {
    const stage = await staged();
    const { code, out, err } = await stepup(stage, ['schedule', 'run-now', 'off', '--name', 'now']);
    expect([code, out]).toEqual([0, 'done\n']);
    expect(err).toContain(`${INSTANCE} with run-remote-script, as schedule 'off' asks`);
    const status = JSON.parse((await stepup(stage, ['status', 'now', '--json'])).out);
    expect(status).toMatchObject({ status: 'SUCCEEDED', request: { ...scheduleFile().request } });
    expect(status.request).not.toHaveProperty('requester');
  });

  test('--detach starts it, and prints its name', async () => {
    const stage = await staged();
    const { code, out } = await stepup(stage, ['schedule', 'run-now', 'nightly', '--detach']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^\d{8}-\d{6}-[0-9a-f]{6}\n$/)]);
    expect((await stepup(stage, ['status', out.trim(), '--follow'])).code).toBe(0);
  });

  test.each([
    [
      'a name that is none',
      ['nightli'],
      "There is no schedule 'nightli'; did you mean 'nightly'? There is: nightly, off, once.",
    ],
    ['no name', [], "missing required argument 'schedule'"],
  ])('%s: 2, and nothing is started', async (_, args, says) => {
    const stage = await staged();
    const { code, out, err } = await stepup(stage, ['schedule', 'run-now', ...args]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(says);
  });

  test('a request that StepUp did not write: 2', async () => {
    const stage = await staged();
    changed(stage, 'nightly', {});
    const { code, err } = await stepup(stage, ['schedule', 'run-now', 'nightly']);
    expect(code).toBe(2);
    expect(err).toContain("What 'nightly' asks for is not as StepUp writes it: was it changed by hand? Deploy again.");
  });
});

test.each([[[]], [['list']], [['run-now']]])('schedule %j --help has examples', async (args) => {
  const { code, out } = await stepup(await createStage(), ['schedule', ...args, '--help']);
  expect(code).toBe(0);
  expect(out).toMatch(/Examples:\n {2}stepup schedule /);
});
