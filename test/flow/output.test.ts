import { GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Script } from '../../state-machine/document';
import { synthWithCatalogue } from '../infra/synth';
import { may } from '../support/may';
import { createStage, INSTANCE, request, type Stage } from '../support/stage';

const LONG = 'x'.repeat(25_000);
/** What the metadata service shows lags behind. */
const SETTLED = 60;
const GROUP = 'arn:aws:logs:us-east-1:123456789012:log-group';

let assembly: string;
beforeAll(() => {
  assembly = synthWithCatalogue({
    outputLocations: [{ s3: 's3://results/jobs' }, { s3: 's3://audit' }, { cloudWatchLogGroup: '/stepup/jobs' }],
    defaultOutput: { s3: 's3://results/jobs/unnamed/' },
  });
});

async function stageWithOutputs(): Promise<Stage> {
  const stage = await createStage({
    assembly,
    // The functions run from their sources, and find the catalogue in the place of their bundles.
    wrapLauncher: ({ launch }) => ({ launch: (fn, environment) => launch({ ...fn, code: assembly }, environment) }),
  });
  for (const Bucket of ['results', 'audit']) await stage.aws.world.asRoot('s3', 'CreateBucket', { Bucket });
  return stage;
}

async function scriptOf(stage: Stage, input: object): Promise<Extract<Script, { done: true }>> {
  const { status, cause, output } = await stage.ended(await stage.start(input));
  expect([status, cause]).toEqual(['SUCCEEDED', undefined]);
  return JSON.parse(output ?? '').script;
}

/** Keys and contents of a bucket. */
async function objects({ aws: { world } }: Stage, Bucket: string): Promise<Record<string, string>> {
  const { Contents = [] } = await world.asRoot('s3', 'ListObjectsV2', { Bucket });
  const read = async ({ Key }: { Key: string }) => {
    const { Body } = await world.asRoot('s3', 'GetObject', { Bucket, Key });
    return [Key, Buffer.from(Body).toString()] as const;
  };
  return Object.fromEntries(await Promise.all(Contents.map(read)));
}

describe('the full output', () => {
  test('arrives in the bucket, below the prefix; the result has the first 24,000 characters', async () => {
    const stage = await stageWithOutputs();
    const output = { s3: 's3://results/jobs/monthly' };
    const script = await scriptOf(stage, request({ shell: [`echo ${LONG}`] }, { output }));
    expect(script).toMatchObject({ truncated: true, logGroup: '', logStreams: '' });
    expect(script.stdout).toHaveLength(24_000);
    const [[key, content] = []] = Object.entries(await objects(stage, 'results'));
    expect(key).toMatch(
      new RegExp(`^jobs/monthly/[0-9a-f-]{36}/${INSTANCE}/awsrunShellScript/0.awsrunShellScript/stdout$`),
    );
    expect(content).toBe(`${LONG}\n`);
    expect(script.stdoutUrl).toContain(key);
    expect(await objects(stage, 'audit')).toEqual({});
  });

  test('arrives in the log group', async () => {
    const stage = await stageWithOutputs();
    const output = { cloudWatchLogGroup: '/stepup/jobs' };
    const script = await scriptOf(stage, request({ shell: [`echo ${LONG}`] }, { output }));
    expect(script).toMatchObject({ truncated: true, stdoutUrl: '', stderrUrl: '', logGroup: '/stepup/jobs' });
    expect(script.logStreams).toMatch(new RegExp(`^[0-9a-f-]{36}/${INSTANCE}/aws-runShellScript$`));
    const { events } = await stage.aws.world.asRoot('logs', 'GetLogEvents', {
      logGroupName: '/stepup/jobs',
      logStreamName: `${script.logStreams}/stdout`,
    });
    expect(events.map(({ message }: { message: string }) => message)).toEqual([LONG]);
    expect(await objects(stage, 'results')).toEqual({});
  });

  test('goes where the configuration says if the request does not', async () => {
    const stage = await stageWithOutputs();
    const { stdout, truncated } = await scriptOf(stage, request({ shell: ['echo short'] }));
    expect([stdout, truncated]).toEqual(['short\n', false]);
    const [[key, content] = []] = Object.entries(await objects(stage, 'results'));
    expect([key?.split('/').slice(0, 2), content]).toEqual([['jobs', 'unnamed'], 'short\n']);
  });
});

/** Where the agent puts the output of the run's instance, and of another's (aws-facts 4.3). */
const OWN = `command/${INSTANCE}/awsrunShellScript/0.awsrunShellScript/stdout`;
const THEIRS = 'command/i-0ffffffffffffffff/awsrunShellScript/0.awsrunShellScript/stdout';

const BUCKET_WRITES = {
  own: [
    ['s3:PutObject', `arn:aws:s3:::results/jobs/monthly/${OWN}`],
    ['s3:GetEncryptionConfiguration', 'arn:aws:s3:::results'],
  ],
  others: [
    ['s3:PutObject', `arn:aws:s3:::results/jobs/monthly/${THEIRS}`],
    ['s3:PutObject', `arn:aws:s3:::results/jobs/monthly-2/${OWN}`],
    ['s3:PutObject', `arn:aws:s3:::results/jobs/unnamed/${OWN}`],
    ['s3:PutObject', `arn:aws:s3:::audit/${OWN}`],
    // But for the bucket's owner.
    ['s3:PutObjectAcl', `arn:aws:s3:::results/jobs/monthly/${OWN}`],
    ['s3:GetObject', `arn:aws:s3:::results/jobs/monthly/${OWN}`],
    ['logs:PutLogEvents', `${GROUP}:/stepup/jobs:log-stream:${OWN}`],
  ],
} as const;

const GROUP_WRITES = {
  own: [
    ['logs:CreateLogGroup', `${GROUP}:/stepup/jobs`],
    ['logs:CreateLogStream', `${GROUP}:/stepup/jobs:log-stream:${OWN}`],
    ['logs:PutLogEvents', `${GROUP}:/stepup/jobs:log-stream:${OWN}`],
  ],
  others: [
    ['logs:PutLogEvents', `${GROUP}:/stepup/jobs:log-stream:${THEIRS}`],
    ['logs:PutLogEvents', `${GROUP}:/stepup/jobs-2:log-stream:${OWN}`],
    ['logs:DeleteLogGroup', `${GROUP}:/stepup/jobs`],
    ['s3:PutObject', `arn:aws:s3:::results/jobs/unnamed/${OWN}`],
    ['s3:PutObject', `arn:aws:s3:::audit/${OWN}`],
  ],
} as const;

describe.each(['inherit', 'core'])('with baseline %s a run', (baseline) => {
  test.each([
    ['a bucket', { s3: 's3://results/jobs/monthly' }, BUCKET_WRITES],
    ['a log group', { cloudWatchLogGroup: '/stepup/jobs' }, GROUP_WRITES],
  ])('may write its output to %s only, with an expiry, and nothing any more afterwards', async (_, output, writes) => {
    const stage = await stageWithOutputs();
    const allowed = (questions: readonly (readonly [string, string])[]) =>
      questions.map((question) => may(stage, INSTANCE, question));
    expect(allowed(writes.own)).not.toContain(true);
    const run = await stage.start(request({ shell: ['sleep 120'] }, { output, baseline }));
    await stage.pass(SETTLED);
    expect(allowed(writes.own)).not.toContain(false);
    expect(allowed(writes.others)).not.toContain(true);
    const statements = await grantedNow(stage);
    expect(statements.length).toBeGreaterThan(4);
    for (const { Condition } of statements) expect(Condition?.DateLessThan).toHaveProperty(['aws:CurrentTime']);
    const tempRole = stage.aws.world.imds.credentials(INSTANCE)!.roleName;
    expect((await stage.ended(run)).status).toBe('SUCCEEDED');
    await stage.pass(SETTLED);
    const { accessKeyId } = stage.aws.world.iam.issueSession({
      roleName: tempRole,
      sessionName: 'late',
      lifetime: 60_000,
    });
    const { principal } = stage.aws.world.iam.accessKey(accessKeyId)!;
    for (const [action, resource] of writes.own) {
      expect(stage.aws.world.iam.evaluate(principal, action, resource).allowed).toBe(false);
    }
  });
});

/** The statements of the policy that the instance's temp role loses again. */
async function grantedNow({ aws: { world }, during, iam }: Stage) {
  const RoleName = world.imds.credentials(INSTANCE)!.roleName;
  const { PolicyDocument = '' } = await during(
    iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'stepup-grant' })),
  );
  return JSON.parse(decodeURIComponent(PolicyDocument)).Statement as { Condition?: Record<string, object> }[];
}
