import { describe, expect, test } from '@jest/globals';
import { ConnectionLost, type Intercept } from '../../local';
import { createStage, DEPLOYMENT, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';

const HERE = 'us-east-1:123456789012';
const FUNCTION = `arn:aws:lambda:${HERE}:function:${DEPLOYMENT}-runScheduled`;
const SCHEDULE = `arn:aws:scheduler:${HERE}:schedule/${DEPLOYMENT}/nightly`;
const TIME = '2026-11-22T01:30:00Z';
/** What a schedule sends; its instance is not there, so that its run ends soon. */
const event = (more: object = {}, ofRequest: object = {}) => ({
  schedule: SCHEDULE,
  scheduledTime: TIME,
  request: request({ shell: ['echo done'] }, { instanceId: 'i-0ffffffffffffffff', ...ofRequest }),
  ...more,
});

interface Scheduled {
  stage: Stage;
  lines: string[];
  tell(event: unknown): Promise<{ executionArn: string; again: boolean }>;
}

async function scheduled(options: StageOptions = {}): Promise<Scheduled> {
  const lines: string[] = [];
  const stage = await createStage({ ...options, log: (line) => lines.push(line) });
  const { iam, lambda } = stage.aws.world;
  const { principal } = iam.accessKey(iam.rootKey.accessKeyId)!;
  const tell = async (told: unknown) => {
    const result = await stage.during(lambda.invoke(FUNCTION, told, principal));
    if ('payload' in result) return result.payload as { executionArn: string; again: boolean };
    const { errorType, errorMessage } = result.functionError;
    throw Object.assign(new Error(errorMessage), { name: errorType });
  };
  return { stage, lines, tell };
}

const runs = async ({ stage }: Pick<Scheduled, 'stage'>): Promise<object[]> => {
  const stateMachineArn = stage.machineArn('elevation');
  return (await stage.aws.world.asRoot('states', 'ListExecutions', { stateMachineArn })).executions;
};

const inputOf = async ({ stage }: Scheduled, executionArn: string): Promise<string> =>
  (await stage.aws.world.asRoot('states', 'DescribeExecution', { executionArn })).input;

test('starts what the schedule asks for, in its name, and says so in every line', async () => {
  const world = await scheduled();
  const { executionArn, again } = await world.tell(event());
  expect(again).toBe(false);
  expect(executionArn).toMatch(/:execution:StepUp-us-east-1-elevation:nightly-20261122T013000Z-[0-9a-f]{16}$/);
  expect(JSON.parse(await inputOf(world, executionArn))).toMatchObject({
    requester: { schedule: SCHEDULE, scheduledTime: TIME },
  });
  const [line] = world.lines.filter((text) => text.includes('run started'));
  expect(JSON.parse(line!)).toMatchObject({
    function: 'runScheduled',
    instanceId: 'i-0ffffffffffffffff',
    grant: 'run-remote-script',
    requester: SCHEDULE,
  });
});

describe('one time, told again,', () => {
  test.each([
    ['while it runs', 60],
    ['when it has ended', 7_200],
  ])('%s is the same run', async (_, seconds) => {
    const world = await scheduled();
    const long = event({}, { instanceId: INSTANCE, work: { shell: ['sleep 1800'] } });
    const first = await world.tell(long);
    await world.stage.pass(seconds);
    const second = await world.tell(long);
    expect(second.executionArn).toBe(first.executionArn);
    // While it runs, StartExecution itself answers as the first time.
    expect(second.again).toBe(seconds > 1_800);
    expect(await runs(world)).toHaveLength(1);
  });

  test.each([['2026-11-22T01:30:00.000Z'], ['2026-11-22T01:30:00.5Z'], ['2026-11-22T02:30:00+01:00']])(
    'in another form, as %s, is the same run, to the letter',
    async (scheduledTime) => {
      const world = await scheduled();
      const first = await world.tell(event());
      await world.stage.pass(3_600);
      expect(await world.tell(event({ scheduledTime }))).toEqual({ ...first, again: true });
    },
  );

  test('with its keys in another order, or defaults written out, is the same run', async () => {
    const world = await scheduled();
    const { executionArn } = await world.tell(event());
    await world.stage.pass(3_600);
    const { request: asked } = event({}, { waitForInstanceMinutes: 0, baseline: 'inherit' });
    const turned = Object.fromEntries(Object.entries(asked).reverse());
    expect(await world.tell(event({ request: turned }))).toEqual({ executionArn, again: true });
  });

  test.each([
    ['while it runs', 60],
    ['when it has ended', 7_200],
  ])('with another request, %s, starts nothing, and says so', async (_, seconds) => {
    const world = await scheduled();
    const long = { instanceId: INSTANCE, work: { shell: ['sleep 1800'] } };
    const { executionArn } = await world.tell(event({}, long));
    await world.stage.pass(seconds);
    await expect(world.tell(event({}, { ...long, reason: 'another' }))).rejects.toMatchObject({
      name: 'RequestInvalid',
      message: expect.stringMatching(
        /^nightly-20261122T013000Z-\w+ has run already, with another request: .* Nothing was started/,
      ),
    });
    expect(await inputOf(world, executionArn)).not.toContain('another');
  });

  test('of another schedule, or at another time, is another run', async () => {
    const { tell } = await scheduled();
    const started = [
      await tell(event()),
      await tell(event({ scheduledTime: '2026-11-23T01:30:00Z' })),
      await tell(event({ schedule: `${SCHEDULE}-2` })),
    ];
    expect(new Set(started.map(({ executionArn }) => executionArn)).size).toBe(3);
  });
});

describe('refuses, counts and starts nothing:', () => {
  const other = SCHEDULE.replace(`/${DEPLOYMENT}/`, '/default/');
  test.each<[string, unknown, string]>([
    ['no event', null, 'is not as StepUp writes it'],
    ['words that were not filled in', event({ schedule: '<aws.scheduler.schedule-arn>' }), 'at schedule'],
    ['a time that is none', event({ scheduledTime: 'soon' }), 'is no time in ISO 8601'],
    ['a time that there is not', event({ scheduledTime: '2026-13-22T01:30:00Z' }), 'is no time that there is'],
    ['who asks', event({}, { requester: { arn: 'x', userId: 'y', key: 'z' } }), 'Unrecognized key: "requester"'],
    ['a field that is not ours', event({ more: 1 }), 'Unrecognized key: "more"'],
    ['a request that is none', event({}, { instanceId: 'mi-1' }), 'an EC2 instance id looks like'],
    ['a schedule of another group', event({ schedule: other }), "is not in the group 'StepUp-us-east-1'"],
  ])('%s', async (_, told, why) => {
    const { stage, tell, lines } = await scheduled();
    await expect(tell(told)).rejects.toMatchObject({ name: 'RequestInvalid', message: expect.stringContaining(why) });
    expect(lines.filter((line) => line.includes('"ScheduledStartsFailed":1'))).toHaveLength(1);
    expect(await runs({ stage })).toEqual([]);
  });
});

test('an answer of StartExecution that is lost is no second run', async () => {
  let calls = 0;
  const intercept: Intercept = async ({ operation }, proceed) => {
    const answer = await proceed();
    if (operation !== 'StartExecution') return answer;
    calls += 1;
    if (calls === 1) throw new ConnectionLost();
    return answer;
  };
  const world = await scheduled({ intercept });
  expect(await world.tell(event({}, { instanceId: INSTANCE }))).toMatchObject({ again: false });
  expect(calls).toBe(2);
  expect(await runs(world)).toHaveLength(1);
});
