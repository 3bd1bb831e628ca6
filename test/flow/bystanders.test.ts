import { describe, expect, test } from '@jest/globals';
import { AwsError, type Intercept } from '../../local';
import { askIam, type Bystander, bystander, type Kind, kinds } from '../support/bystanders';
import { DEPLOYMENT, INSTANCE, request, type Stage } from '../support/stage';
import { createScene, elevate, errorsIn, minutes, stoppedIn } from './crowd';

const HOUR = 3_600;
const EVERY_SECOND = { every: 1_000 };

const ofStepUp = (operation: string, call: { operation: string; principal: { name?: string } }): boolean =>
  call.operation === operation && call.principal.name?.startsWith(DEPLOYMENT) === true;

describe('with `inherit` no process on the instance sees an error', () => {
  test('nor without an elevation: the control', async () => {
    expect(await errorsIn([(stage) => stage.pass(600), {}])).toEqual({});
  });

  test('an elevation that goes well', async () => {
    expect(await errorsIn([(stage) => elevate(stage), {}])).toEqual({});
  });

  test('an elevation that is stopped during its script, and recovered', async () => {
    expect(await errorsIn(stoppedIn('AwaitScript'))).toEqual({});
  });

  test('credentials of an hour only, that end during the script and after it', async () => {
    const delays = { instanceCredentials: HOUR * 1_000 };
    const long = (stage: Stage) => elevate(stage, minutes(58), { durationMinutes: 60 });
    expect(await errorsIn([long, { delays, newEverySeconds: 60, hoursAfter: 2 }])).toEqual({});
  });

  test('also when IAM is slow to put the role into the profile', async () => {
    let left = 12;
    const intercept: Intercept = async (call, proceed) => {
      if (!ofStepUp('AddRoleToInstanceProfile', call) || left === 0) return proceed();
      left -= 1;
      throw new AwsError('Throttling', 'Rate exceeded', 400);
    };
    const options = { intercept, newEverySeconds: 1, hoursAfter: 0.1 };
    expect(await errorsIn([(stage) => elevate(stage), options])).toEqual({});
    expect(left).toBe(0);
  });
});

describe('how the SDKs hold credentials', () => {
  const LIFETIME = 394 * 60_000;

  /** A process whose metadata service works once, and then no more. @returns its errors, by minutes before the credentials end */
  async function afterOneFetch(kind: Kind) {
    const stage = await createScene();
    const { world } = stage.aws;
    const { credentials } = world.imds;
    const seen = bystander(kind, stage.aws, INSTANCE, async () => {
      Object.assign(world.imds, { credentials: () => undefined });
    });
    const expiration = credentials(INSTANCE)?.credentials.expiration ?? 0;
    await stage.pass(LIFETIME / 1_000);
    expect(seen.calls).toBeGreaterThan(380);
    return seen.errors.map(({ at, name }) => [name, Math.round((expiration - at) / 60_000)]);
  }

  test('botocore fails from a quarter of an hour before they end, each time it cannot get new ones', async () => {
    const errors = await afterOneFetch('botocore');
    expect(errors[0]).toEqual(['CredentialRetrievalError', 15]);
    expect(errors.length).toBeGreaterThan(10);
  });

  test('the SDK for JavaScript goes on with what it has', async () => {
    expect(await afterOneFetch('javascript')).toEqual([]);
  });

  test('so it does by its default chain, but not beyond their end', async () => {
    expect((await afterOneFetch('javascriptChain')).filter(([, left]) => Number(left) > 0)).toEqual([]);
  });
});

const process = (stage: Stage, kind: Kind, options = {}): Bystander =>
  bystander(kind, stage.aws, INSTANCE, askIam(stage.aws.world, 's3:GetObject', 'arn:aws:s3:::app-data/orders.csv'), {
    ...EVERY_SECOND,
    ...options,
  });

/** When the metadata service begins to serve another role than now, epoch ms; looked at every millisecond. */
async function nextRole({ aws: { world } }: Stage): Promise<number> {
  const now = () => world.imds.credentials(INSTANCE)?.roleName;
  const before = now();
  while (now() === before) await world.clock.sleep(100);
  return world.clock.now();
}

describe('what is left to suffer', () => {
  test.each(kinds)('%s: a swap between its two requests to the metadata service', async (kind) => {
    // The same run in two worlds: the first tells when the swap is seen.
    const stages = [await createScene(), await createScene()] as const;
    const [known, stage] = stages;
    for (const each of stages) await each.start(request(minutes(1)));
    const swap = await known.during(nextRole(known));
    const settled = process(stage, kind);
    await stage.pass((swap - stage.clock.now()) / 1_000 - 0.003);
    const beginner = process(stage, kind);
    await stage.pass(10 * 60);
    expect(settled.errors).toEqual([]);
    expect(beginner.errors.length).toBe(1);
    expect(beginner.errors[0]?.name).toMatch(/^(NoCredentialsError|CredentialsProviderError)$/);
  });

  test('with `core`, what only the original allows: until the credentials of the run have ended', async () => {
    const stage = await createScene();
    const holder = process(stage, 'botocore');
    await stage.pass(10);
    const cron = process(stage, 'botocore', { shortLived: true });
    const run = await stage.start(request(minutes(1), { baseline: 'core' }));
    const swapped = await stage.during(nextRole(stage));
    const beginner = process(stage, 'botocore', { every: 60_000 });
    const back = await stage.during(nextRole(stage));
    expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
    holder.stop();
    cron.stop();
    // Who held the original's credentials before does not notice; who fetches some during the run is denied.
    expect(holder.errors).toEqual([]);
    expect(new Set(cron.errors.map(({ name }) => name))).toEqual(new Set(['AccessDenied']));
    for (const { at } of cron.errors) expect(at).toBeGreaterThanOrEqual(swapped - 100);
    for (const { at } of cron.errors) expect(at).toBeLessThanOrEqual(back);
    // Who goes on with them is denied for hours: until its SDK fetches new ones, a quarter of an hour before they expire.
    await stage.pass(8 * HOUR);
    const last = beginner.errors.at(-1)?.at ?? 0;
    expect(last - swapped).toBeGreaterThan(6 * HOUR * 1_000);
    expect(last - swapped).toBeLessThan(6.5 * HOUR * 1_000);
  });
});

test('whoever holds credentials of the temp role has newer ones before the role is deleted', async () => {
  const stage = await createScene();
  await stage.start(request(minutes(1)));
  await stage.during(nextRole(stage));
  const holders = kinds.map((kind) => process(stage, kind, { every: 60_000 }));
  await stage.during(nextRole(stage));
  const { world } = stage.aws;
  const temp = async () => (await world.asRoot('iam', 'ListRoles', { PathPrefix: '/stepup/elevations/' })).Roles;
  await stage.pass(6.75 * HOUR);
  expect(await temp()).toHaveLength(1);
  await stage.pass(0.75 * HOUR);
  expect(await temp()).toEqual([]);
  for (const { errors } of holders) expect(errors).toEqual([]);
});
