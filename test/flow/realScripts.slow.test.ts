import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createLocalAws, type LocalAws, wallClock } from '../../local';
import { ASSEMBLY, DEPLOYMENT, INSTANCE, makeProfile } from '../support/stage';
import { readWorld } from '../support/worldState';

/** The functions' bundles in workers, real HTTP, scripts as real child processes; waits twenty times shorter. */
jest.setTimeout(60_000);

const SPEED = 20;
const BUCKET = 'my-script-bucket';

let aws: LocalAws;
let settings: object;

beforeAll(async () => {
  aws = createLocalAws({ clock: wallClock(SPEED) });
  const endpoint = await aws.listen();
  settings = { region: 'us-east-1', endpoint, credentials: aws.world.iam.rootKey };
  await aws.deploy(ASSEMBLY, { assumeCreated: true });
  await makeProfile(aws, 'app+eu', '/teams/billing/');
  await aws.world.clock.sleep(10_000);
  const tags = { 'stepup:grants': 'run-remote-script read-bucket-prefix' };
  aws.world.ec2.addInstance({ id: INSTANCE, tags, profile: 'app+eu' });
  await aws.world.clock.sleep(20_000);
  const s3 = new S3Client(settings);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'scripts/data.txt', Body: 'forty-two' }));
});

afterAll(() => aws.close());

async function elevate(request: object) {
  const sfn = new SFNClient(settings);
  const { executionArn } = await sfn.send(
    new StartExecutionCommand({
      stateMachineArn: `arn:aws:states:us-east-1:123456789012:stateMachine:${DEPLOYMENT}-elevation`,
      input: JSON.stringify({ instanceId: INSTANCE, grant: 'run-remote-script', ...request }),
    }),
  );
  for (;;) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await aws.world.clock.sleep(2_000);
  }
}

const profileNow = async () => {
  const { associations } = await readWorld({
    ec2: new EC2Client(settings),
    iam: new IAMClient(settings),
    ssm: new SSMClient(settings),
  });
  return associations;
};

const scriptOf = (output: string | undefined) => JSON.parse(output ?? '{}').script;

describe('real scripts on an instance', () => {
  test("one reads its own credentials: they are the temp role's, and the developer's environment is not there", async () => {
    const lines = [
      'token=$(curl -s -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" $AWS_EC2_METADATA_SERVICE_ENDPOINT/latest/api/token)',
      'curl -s -H "X-aws-ec2-metadata-token: $token" $AWS_EC2_METADATA_SERVICE_ENDPOINT/latest/meta-data/iam/security-credentials/',
      'echo; env | cut -d= -f1 | sort | tr "\\n" " "',
    ];
    const { status, output } = await elevate({ work: { shell: lines } });
    expect(status).toBe('SUCCEEDED');
    const [role, environment] = scriptOf(output).stdout.split('\n');
    expect(role).toMatch(/^stepup-[0-9a-f]{32}$/);
    expect(environment).not.toMatch(/npm_|JEST_|AWS_CA_BUNDLE|AWS_PROFILE/);
  });

  test('one writes a megabyte: the first 24,000 characters are kept, and said to be cut', async () => {
    const { status, output } = await elevate({ work: { shell: ['head -c 1000000 /dev/zero | tr "\\0" x'] } });
    expect(status).toBe('SUCCEEDED');
    expect(scriptOf(output)).toMatchObject({ exitCode: 0, truncated: true });
    expect(scriptOf(output).stdout).toMatch(/^x{23900,24000}/);
  });

  test('one sleeps past its timeout', async () => {
    const { status, error, cause } = await elevate({ work: { shell: ['sleep 600'] }, durationMinutes: 1 });
    expect([status, error]).toEqual(['FAILED', 'ScriptTimedOut']);
    expect(cause).toContain('ExecutionTimedOut');
  });

  test('one kills its shell', async () => {
    const { status, error } = await elevate({ work: { shell: ['echo before', 'kill -9 $$'] } });
    expect([status, error]).toEqual(['FAILED', 'ScriptFailed']);
  });

  test('one stops its own instance: not allowed, for the grant does not say so', async () => {
    const { status, error, cause } = await elevate({ work: { shell: [`${process.execPath} -e "${STOP_MYSELF}"`] } });
    expect([status, error]).toEqual(['FAILED', 'ScriptFailed']);
    expect(cause).toContain('UnauthorizedOperation');
  });

  test('an instance without a profile has none afterwards', async () => {
    const ec2 = aws.world;
    const [{ AssociationId }] = (await ec2.asRoot('ec2', 'DescribeIamInstanceProfileAssociations', {}))
      .IamInstanceProfileAssociations;
    await ec2.asRoot('ec2', 'DisassociateIamInstanceProfile', { AssociationId });
    await aws.world.clock.sleep(20_000);
    const { status, output } = await elevate({ work: { shell: ['echo bare'] }, grant: 'read-bucket-prefix' });
    expect(status).toBe('SUCCEEDED');
    expect(scriptOf(output).stdout).toBe('bare\n');
    await aws.world.clock.sleep(20_000);
    expect(await profileNow()).toEqual([]);
    const IamInstanceProfile = { Name: 'app+eu' };
    await ec2.asRoot('ec2', 'AssociateIamInstanceProfile', { InstanceId: INSTANCE, IamInstanceProfile });
    await aws.world.clock.sleep(30_000);
  });

  test('after all of them the instance has its own profile', async () => {
    await aws.world.clock.sleep(20_000);
    const profile = 'arn:aws:iam::123456789012:instance-profile/teams/billing/app+eu';
    expect(await profileNow()).toEqual([{ profile, state: 'associated' }]);
  });
});

const STOP_MYSELF = [
  "const { EC2Client, StopInstancesCommand } = require('@aws-sdk/client-ec2');",
  `new EC2Client({}).send(new StopInstancesCommand({ InstanceIds: ['${INSTANCE}'] }))`,
  '.catch((error) => { console.error(error.name); process.exit(3); });',
].join(' ');
