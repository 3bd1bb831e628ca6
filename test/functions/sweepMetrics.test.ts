import { expect, test } from '@jest/globals';
import { AwsError } from '../../local';
import { METRICS, type MetricName } from '../../state-machine/metrics';
import { DEPLOYMENT, type StageOptions } from '../support/stage';
import { drained, grantAgain, ofSweep, somebodyMakesRole, sweepNow, TEMP_PATH } from './sweeps';
import { SETTLED } from './worlds';

/** A stage on which a role drains, and the lines that are logged from then on. */
async function logged(options: StageOptions = {}) {
  const lines: string[] = [];
  const { stage } = await drained({ ...options, log: (line) => void lines.push(line) });
  lines.length = 0;
  return { stage, lines: () => lines.map((line) => JSON.parse(line)) };
}

test('a sweep that has finished says so in one line that CloudWatch makes metrics of', async () => {
  const { stage, lines } = await logged();
  await grantAgain(stage);
  await stage.pass(SETTLED);
  await sweepNow(stage);
  const [line, ...more] = lines().filter((it) => it._aws);
  expect(more).toEqual([]);
  const { _aws } = line;
  const metrics = {
    SweepFinished: 1,
    Roles: 1,
    Draining: 1,
    Deleted: 0,
    Stripped: 1,
    Stopped: 0,
    Orphans: 0,
    Unexplained: 0,
    Left: 0,
    RecordsPastExpiry: 0,
    RestoringSeconds: 0,
    RolesUsedPercent: expect.any(Number),
  };
  expect(line).toMatchObject({ level: 'INFO', function: 'sweep', Deployment: DEPLOYMENT, ...metrics });
  expect(_aws.CloudWatchMetrics).toEqual([
    {
      Namespace: 'StepUp',
      Dimensions: [['Deployment']],
      Metrics: Object.keys(metrics).map((Name) => ({ Name, Unit: METRICS[Name as MetricName] })),
    },
  ]);
  expect(Math.abs(_aws.Timestamp - stage.clock.now())).toBeLessThan(10_000);
});

test('what it cannot explain has a line of its own, which warns, with the reason', async () => {
  const { stage, lines } = await logged();
  await somebodyMakesRole(stage, 'by-hand', TEMP_PATH, {});
  await stage.pass(SETTLED);
  await sweepNow(stage);
  expect(lines().filter(({ level }) => level === 'WARN')).toEqual([
    {
      level: 'WARN',
      message: 'unexplained',
      function: 'sweep',
      deployment: DEPLOYMENT,
      requestId: expect.any(String),
      role: 'by-hand',
      why: expect.stringContaining('not those that StepUp wrote'),
    },
  ]);
  expect(lines().find((it) => it._aws)).toMatchObject({ Roles: 2, Unexplained: 1 });
});

test.each(['ListRoles', 'ListInstanceProfiles', 'DescribeIamInstanceProfileAssociations'])(
  'one that could not see what there is does not say that it has finished: %s',
  async (broken) => {
    let denied = false;
    const { stage, lines } = await logged({
      intercept: ofSweep(async ({ operation }, proceed) => {
        if (denied && operation === broken) throw new AwsError('AccessDenied', 'no', 403);
        return proceed();
      }),
    });
    denied = true;
    await expect(sweepNow(stage)).rejects.toThrow('AwsAccessDenied');
    expect(lines().map(({ message }) => message)).toEqual(['begin', 'failed', 'metrics']);
    expect(lines().at(-1)).toMatchObject({ UnexpectedErrors: 1, ErrorName: 'AwsAccessDenied' });
    expect(lines().some((line) => 'SweepFinished' in line)).toBe(false);
  },
);

test('what AWS does not answer for is left for the next turn, not unexplained', async () => {
  let throttled = false;
  const { stage, lines } = await logged({
    intercept: ofSweep(async ({ operation }, proceed) => {
      if (throttled && operation === 'GetRole') throw new AwsError('Throttling', 'Rate exceeded', 400);
      return proceed();
    }),
  });
  throttled = true;
  await sweepNow(stage);
  expect(lines().find((it) => it._aws)).toMatchObject({ SweepFinished: 1, Roles: 1, Left: 1, Unexplained: 0 });
});
