import { beforeAll, describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import { isTurnForCeilings } from '../../functions/sweep/ceilings';
import { AwsError } from '../../local';
import { ASSEMBLY } from '../support/deployed';
import { environment } from '../support/environment';
import { bundledRelease, grantsFolder } from '../support/release';
import { createStage, DEPLOYMENT, INSTANCE, request, type Stage } from '../support/stage';
import { HOUR, ofSweep } from './sweeps';
import { somebodyDeletes, somebodyMakes, somebodyReplaces } from './worlds';

/** The shipped release, and one in which the first grant says something else. */
const FIRST = ASSEMBLY;
let SECOND: string;
beforeAll(() => {
  const other = grantsFolder((name, { parameters, ...grant }) => ({
    ...grant,
    parameters: { ...parameters, ...(name === 'run-remote-script' && { bucket: 'another-bucket' }) },
  }));
  SECOND = bundledRelease({ grantsFolder: other });
}, 60_000);

const PATH = `/stepup/ceilings/${DEPLOYMENT}/`;
const UNUSED_SINCE = 'stepup:unused-since';

/** Names of the deployment's ceilings by whose they are: one for each release that is not forgotten yet. */
async function ceilingsOf({ aws: { world } }: Stage, of = 'runremotescript'): Promise<string[]> {
  const { Policies } = await world.asRoot('iam', 'ListPolicies', { Scope: 'Local', PathPrefix: PATH });
  const names: string[] = Policies.map(({ PolicyName }: { PolicyName: string }) => PolicyName);
  return names.filter((name) => name.includes(`Ceiling${of}`));
}

const policyArn = (name: string) => `arn:aws:iam::123456789012:policy${PATH}${name}`;

async function unusedSince({ aws: { world } }: Stage, name: string): Promise<string | undefined> {
  const { Policy } = await world.asRoot('iam', 'GetPolicy', { PolicyArn: policyArn(name) });
  return Policy.Tags.find(({ Key }: { Key: string }) => Key === UNUSED_SINCE)?.Value;
}

const boundaryOf = async ({ aws: { world } }: Stage, RoleName: string): Promise<string> =>
  (await world.asRoot('iam', 'GetRole', { RoleName })).Role.PermissionsBoundary.PermissionsBoundaryArn;

const release = (stage: Stage, assembly: string) => stage.during(stage.aws.deploy(assembly));

/** A core elevation, to its end; returns its ceiling. */
async function elevated(stage: Stage): Promise<string> {
  const run = await stage.start(request(undefined, { baseline: 'core' }));
  expect((await stage.ended(run)).status).toBe('SUCCEEDED');
  return boundaryOf(stage, tempName(run));
}

describe('a release', () => {
  test('that returns to an earlier text gets a ceiling of its own, and its runs wear it', async () => {
    const stage = await createStage();
    const seen = new Set<string>();
    for (const assembly of [SECOND, FIRST, SECOND, FIRST]) {
      const before = await ceilingsOf(stage);
      await release(stage, assembly);
      const [made, ...others] = (await ceilingsOf(stage)).filter((name) => !before.includes(name));
      expect([made, others]).toEqual([expect.any(String), []]);
      await stage.pass(60);
      expect(await elevated(stage)).toBe(policyArn(made!));
      seen.add(made!);
    }
    expect(seen.size).toBe(4);
    // What says the same is the same.
    expect([await ceilingsOf(stage, 'inherit'), await ceilingsOf(stage, 'readbucketprefix')]).toEqual([
      [expect.any(String)],
      [expect.any(String)],
    ]);
  });

  test('after the stack was destroyed does not meet what that has left', async () => {
    const stage = await createStage();
    const [left] = await ceilingsOf(stage);
    await stage.during(stage.aws.destroy('StepUp'));
    expect(await ceilingsOf(stage)).toEqual([left]);
    await release(stage, FIRST);
    await stage.pass(60);
    expect(await elevated(stage)).not.toBe(policyArn(left!));
    await stage.pass(28 * HOUR);
    expect(await ceilingsOf(stage)).toEqual([expect.not.stringMatching(left!)]);
  });
});

describe('the ceiling of an earlier release', () => {
  test('that nobody wears is deleted 26 hours after that was seen, and those of this release stay', async () => {
    const stage = await createStage();
    const [old] = await ceilingsOf(stage);
    await release(stage, SECOND);
    await stage.pass(HOUR);
    const since = Date.parse((await unusedSince(stage, old!)) ?? '');
    expect(stage.clock.now() - since).toBeLessThanOrEqual(HOUR * 1_000);
    await stage.pass((since - stage.clock.now()) / 1_000 + 26 * HOUR - 60);
    expect(await ceilingsOf(stage)).toContain(old);
    await stage.pass(HOUR + 120);
    expect(await ceilingsOf(stage)).toEqual([expect.not.stringMatching(old!)]);
    expect([await ceilingsOf(stage, 'inherit'), await ceilingsOf(stage, 'readbucketprefix')]).toEqual([
      [expect.any(String)],
      [expect.any(String)],
    ]);
  });

  test('is not even looked at as long as a role wears it, be it open or draining', async () => {
    const stage = await createStage();
    const [old] = await ceilingsOf(stage);
    const run = await stage.start(request({ shell: ['sleep 3000'] }, { baseline: 'core', durationMinutes: 60 }));
    await stage.pass(300);
    await release(stage, SECOND);
    await stage.pass(HOUR - 900);
    expect(await unusedSince(stage, old!)).toBeUndefined();
    expect((await stage.ended(run)).status).toBe('SUCCEEDED');
    await stage.pass(6 * HOUR);
    expect(await boundaryOf(stage, tempName(run))).toBe(policyArn(old!));
    expect(await unusedSince(stage, old!)).toBeUndefined();
    await stage.pass(3 * HOUR);
    expect(await unusedSince(stage, old!)).toEqual(expect.any(String));
    await stage.pass(25 * HOUR);
    expect(await ceilingsOf(stage)).toContain(old);
    await stage.pass(3 * HOUR);
    expect(await ceilingsOf(stage)).not.toContain(old);
  });

  test('is there for a run that has waited for its instance as long as it may', async () => {
    const stage = await createStage();
    const [old] = await ceilingsOf(stage);
    const other = 'stepup-0123456789abcdef0123456789abcdef';
    await somebodyMakes(stage, other, `/stepup/elevations/${INSTANCE}/Other-us-east-1/`);
    await stage.pass(60);
    await somebodyReplaces(stage, other);
    const patient = { baseline: 'core', waitForInstanceMinutes: 1440 };
    const waiting = await stage.start(request(undefined, patient));
    await release(stage, SECOND);
    await stage.pass(23.5 * HOUR);
    expect(await stage.states(waiting)).toContain('WaitForInstance');
    expect(await unusedSince(stage, old!)).toEqual(expect.any(String));
    await somebodyReplaces(stage, 'app');
    await somebodyDeletes(stage, other);
    expect((await stage.ended(waiting)).status).toBe('SUCCEEDED');
    expect(await boundaryOf(stage, tempName(waiting))).toBe(policyArn(old!));
    // It is not in the way of its own role: IAM would refuse, and sweep does not ask.
    await stage.pass(5 * HOUR);
    expect(await ceilingsOf(stage)).toContain(old);
    await stage.pass(5 * HOUR);
    expect(await ceilingsOf(stage)).not.toContain(old);
  });

  test('is judged anew when a release in between was rolled back', async () => {
    const stage = await createStage();
    const [old] = await ceilingsOf(stage);
    await release(stage, SECOND);
    await stage.pass(HOUR);
    expect(await unusedSince(stage, old!)).toEqual(expect.any(String));
    // As a rollback has it: the former release, with its own policy.
    const tag = { PolicyArn: '', Tags: [{ Key: UNUSED_SINCE, Value: '2026-01-01T00:00:00.000Z' }] };
    const [current] = (await ceilingsOf(stage)).filter((name) => name !== old);
    await stage.aws.world.asRoot('iam', 'TagPolicy', { ...tag, PolicyArn: policyArn(current!) });
    await stage.pass(HOUR);
    expect(await unusedSince(stage, current!)).toBe('');
    await release(stage, FIRST);
    await stage.pass(2 * HOUR);
    expect(await ceilingsOf(stage)).toContain(current);
    expect(Date.parse((await unusedSince(stage, current!))!)).toBeGreaterThan(stage.clock.now() - 3 * HOUR * 1_000);
  });

  test('that IAM does not let go of holds up neither the others nor the sweep', async () => {
    let refused = 0;
    const intercept = ofSweep(async (call, proceed) => {
      if (call.operation !== 'DeletePolicy' || refused > 0) return proceed();
      refused += 1;
      throw new AwsError('DeleteConflict', 'This policy has more than one version.', 409);
    });
    const lines: string[] = [];
    const stage = await createStage({ intercept, log: (line) => void lines.push(line) });
    await release(stage, SECOND);
    await release(stage, FIRST);
    await stage.pass(28 * HOUR);
    expect(refused).toBe(1);
    expect(await ceilingsOf(stage)).toHaveLength(1);
    expect(lines.filter((line) => line.includes('"unexplained"'))).toEqual([]);
  });

  test('of another deployment, or outside our path, is none', async () => {
    const stage = await createStage();
    const { world } = stage.aws;
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
    });
    for (const [PolicyName, Path] of [
      ['theirs', '/stepup/ceilings/Other-us-east-1/'],
      ['longer', `/stepup/ceilings/${DEPLOYMENT}-b/`],
      ['plain', '/'],
    ]) {
      await world.asRoot('iam', 'CreatePolicy', { PolicyName, Path, PolicyDocument });
    }
    await stage.pass(28 * HOUR);
    const { Policies } = await world.asRoot('iam', 'ListPolicies', { Scope: 'Local' });
    const names = Policies.map(({ PolicyName }: { PolicyName: string }) => PolicyName);
    expect(names).toEqual(expect.arrayContaining(['theirs', 'longer', 'plain']));
  });
});

test('a sweep that knows of no ceilings deletes none', async () => {
  const stage = await createStage({ wrapLauncher: environment({ STEPUP_CEILINGS: '{}' }) });
  const before = await ceilingsOf(stage);
  await stage.pass(28 * HOUR);
  expect(await ceilingsOf(stage)).toEqual(before);
});

test('a sweep looks at them in the first turn of an hour: one list, and the tags of each that nobody wears', async () => {
  const calls: string[] = [];
  const intercept = ofSweep(async (call, proceed) => {
    calls.push(call.operation);
    return proceed();
  });
  const stage = await createStage({ intercept });
  calls.length = 0;
  await stage.pass(4 * HOUR);
  expect(calls.filter((name) => name === 'ListPolicies')).toHaveLength(4);
  expect(calls.filter((name) => name === 'GetPolicy')).toHaveLength(4 * 3);
  const quarter = 15 * 60_000;
  expect([0, 1, 2, 3, 4, 5].map((turn) => isTurnForCeilings(turn * quarter + 1))).toEqual([
    ...[true, false, false, false],
    ...[true, false],
  ]);
});
