import { beforeAll, describe, expect, test } from '@jest/globals';
import { iso } from '../../functions/common/clock';
import { elevationMachine, tempName, tempPath } from '../../functions/common/names';
import { recordTags } from '../../functions/common/record';
import { CALLS_PER_SECOND } from '../../functions/sweep/sweep';
import type { Swept } from '../../functions/sweep/swept';
import { AwsError, type Intercept } from '../../local';
import { createStage, DEPLOYMENT, INSTANCE, type Stage, type StageOptions } from '../support/stage';
import { grantAgain, ofSweep, sweepNow } from './sweeps';

const HOUR_MS = 3_600_000;
const QUARTER_MS = HOUR_MS / 4;
const LATENCY_MS = 40;

interface Call {
  time: number;
  operation: string;
  role: string | undefined;
}

/** What a temp role may be; a hundred temp roles have these in turn. */
const KINDS = [
  ['draining', 70],
  ['due', 5],
  ['granted', 5],
  ['running', 15],
  ['scribbled', 5],
] as const;
type Kind = (typeof KINDS)[number][0];
const HUNDRED: Kind[] = KINDS.flatMap(([kind, count]) => Array.from({ length: count }, () => kind));

/** Temp roles, until the account has so many roles; its quota is 1,000. */
async function makeRoles(stage: Stage, count: number): Promise<Map<string, Kind>> {
  const { world } = stage.aws;
  const { Roles } = await world.asRoot('iam', 'ListRoles', { MaxItems: 1_000 });
  const now = stage.clock.now();
  const made = new Map<string, Kind>();
  for (let at = 0; at < count - Roles.length; at += 1) {
    const kind = HUNDRED[(at * 37) % 100] as Kind;
    const execution = `arn:aws:states:us-east-1:${world.account}:execution:${elevationMachine(DEPLOYMENT)}:${kind}-${at}`;
    const RoleName = tempName(execution);
    made.set(RoleName, kind);
    await world.asRoot('iam', 'CreateRole', {
      RoleName,
      Path: tempPath(INSTANCE, DEPLOYMENT),
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      }),
      Tags: kind === 'scribbled' ? [] : tagsOf(kind, execution, now),
    });
    if (kind === 'granted') await grantAgain(stage, RoleName);
    if (kind !== 'running') continue;
    await world.asRoot('iam', 'CreateInstanceProfile', {
      InstanceProfileName: RoleName,
      Path: tempPath(INSTANCE, DEPLOYMENT),
    });
  }
  return made;
}

function tagsOf(kind: Kind, execution: string, now: number) {
  const record = recordTags({
    execution,
    started: iso(now),
    instanceArn: `arn:aws:ec2:us-east-1:123456789012:instance/${INSTANCE}`,
    original: null,
    grant: 'run-remote-script',
    requester: 'direct-start',
    expires: iso(now + 24 * HOUR_MS),
  });
  if (kind === 'running') return record;
  const deleteAfter = now + (kind === 'due' ? 0 : 24 * HOUR_MS);
  return [
    ...record,
    { Key: 'stepup:draining-since', Value: iso(now) },
    { Key: 'stepup:delete-after', Value: iso(deleteAfter) },
  ];
}

/** Answers of AWS take a while; runs named running-… run. */
const answering =
  (calls: Call[], stage: () => Stage, limit: Intercept): Intercept =>
  async (call, proceed) => {
    const { RoleName, executionArn } = call.input as { RoleName?: string; executionArn?: string };
    calls.push({ time: stage().clock.now(), operation: call.operation, role: RoleName });
    await stage().clock.sleep(LATENCY_MS);
    if (executionArn?.includes(':running-')) return { executionArn, status: 'RUNNING' };
    return limit(call, proceed);
  };

interface Turn extends Swept {
  calls: Call[];
  took: number;
}

/** Sweeps as often as `turns` says, a quarter of an hour apart. */
async function sweepAll(count: number, turns: number, limit: (stage: Stage) => Intercept) {
  const calls: Call[] = [];
  let stage: Stage | undefined;
  let limited: Intercept = (_, proceed) => proceed();
  // Not by the schedule: a turn may take long here, and each is looked at.
  const intercept = ofSweep((call, proceed) => answering(calls, () => stage as Stage, limited)(call, proceed));
  stage = await createStage({ intercept, wrapLauncher: unscheduled });
  limited = limit(stage);
  const made = await makeRoles(stage, count);
  await stage.pass(120);
  const all: Turn[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const start = stage.clock.now();
    calls.length = 0;
    const swept = await sweepNow(stage);
    all.push({ ...swept, calls: [...calls], took: stage.clock.now() - start } as Turn);
    await stage.pass((start + QUARTER_MS - stage.clock.now()) / 1_000);
  }
  return { stage, made, all };
}

/** The largest number of calls in any second. */
const busiestSecond = (calls: Call[]): number =>
  Math.max(...calls.map(({ time }) => calls.filter((call) => call.time >= time && call.time < time + 1_000).length));

const of = (made: Map<string, Kind>, kind: Kind) =>
  [...made]
    .filter(([, it]) => it === kind)
    .map(([name]) => name)
    .sort();

/** The tests sweep by themselves. */
const unscheduled: StageOptions['wrapLauncher'] = ({ launch }) => ({
  launch: (fn, environment) => {
    const running = launch(fn, environment);
    const isTick = (event: unknown) => (event as { source?: string }).source === 'aws.events';
    return {
      ...running,
      invoke: async (event, context) => (isTick(event) ? { payload: {} } : running.invoke(event, context)),
    };
  },
});

/** A token bucket of IAM's, smaller than what sweep asks of it. */
function bucket(perSecond: number, { clock }: Stage, refused: () => void): Intercept {
  let tokens = perSecond;
  let filled = clock.now();
  return async ({ service }, proceed) => {
    if (service !== 'iam') return proceed();
    tokens = Math.min(perSecond, tokens + ((clock.now() - filled) / 1_000) * perSecond);
    filled = clock.now();
    if (tokens < 1) {
      refused();
      throw new AwsError('Throttling', 'Rate exceeded', 400);
    }
    tokens -= 1;
    return proceed();
  };
}

describe('a thousand roles', () => {
  let swept: Awaited<ReturnType<typeof sweepAll>>;
  beforeAll(async () => {
    swept = await sweepAll(1_000, 6, () => (_, proceed) => proceed());
  }, 120_000);

  test('are swept at no more than 20 calls a second, retries and all, and within the time that there is', () => {
    expect(CALLS_PER_SECOND).toBe(20);
    for (const { calls, took } of swept.all) {
      expect(busiestSecond(calls)).toBeLessThanOrEqual(CALLS_PER_SECOND);
      expect(took).toBeLessThan(50_000);
    }
  });

  test('of those whose instance is marked as busy, none waits for a second turn', () => {
    const [first] = swept.all;
    const read = new Set(first?.calls.filter(({ operation }) => operation === 'GetRole').map(({ role }) => role));
    expect(of(swept.made, 'running').filter((name) => !read.has(name))).toEqual([]);
  });

  test('everybody has had a turn after six', () => {
    const read = new Set(swept.all.flatMap(({ calls }) => calls.map(({ role }) => role)));
    expect([...swept.made.keys()].filter((name) => !read.has(name))).toEqual([]);
    expect(swept.all.flatMap(({ deleted }) => deleted).sort()).toEqual(of(swept.made, 'due'));
    expect(swept.all.flatMap(({ stripped }) => stripped).sort()).toEqual(of(swept.made, 'granted'));
    const reported = new Set(swept.all.flatMap(({ unexplained }) => unexplained.map(({ name }) => name)));
    expect([...reported].sort()).toEqual(of(swept.made, 'scribbled'));
  });
});

test('what IAM throttles is left for a later turn, and nothing is lost', async () => {
  let refused = 0;
  const { made, all } = await sweepAll(300, 6, (stage) =>
    bucket(10, stage, () => {
      refused += 1;
    }),
  );
  expect(Math.max(...all.map(({ left }) => left))).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
  // It gives way: at its own pace IAM would refuse half of them.
  expect(refused / all.flatMap(({ calls }) => calls).length).toBeLessThan(0.2);
  expect(all.flatMap(({ deleted }) => deleted).sort()).toEqual(of(made, 'due'));
  expect(all.flatMap(({ stripped }) => stripped).sort()).toEqual(of(made, 'granted'));
  const reported = new Set(all.flatMap(({ unexplained }) => unexplained.map(({ name }) => name)));
  expect([...reported].sort()).toEqual(of(made, 'scribbled'));
}, 120_000);
