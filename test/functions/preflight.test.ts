import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { settingsSchema } from '../../infra/config';
import { AwsError, type Intercept } from '../../local';
import type { ErrorName } from '../../state-machine/errors';
import { environment } from '../support/environment';
import { createStage, DEPLOYMENT, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';
import { stateOf } from '../support/worldState';
import {
  arnOf,
  putPolicy,
  SETTLED,
  somebodyDeletes,
  somebodyMakes,
  somebodyMakesAgain,
  somebodyMakesBounded,
  somebodyReplaces,
} from './worlds';

/** A world in which exactly one check fails. */
interface Refusal {
  world: string;
  error: ErrorName;
  /** What the cause says: what is wrong, and what to do about it. */
  says: string[];
  request?: object;
  options?: StageOptions;
  arrange?: (stage: Stage) => Promise<unknown> | unknown;
}

const ELEVATIONS = `/stepup/elevations/${INSTANCE}/other/`;

const refuseCall =
  (name: string, code: string): Intercept =>
  async ({ operation }, proceed) => {
    if (operation === name) throw new AwsError(code, 'refused by the test');
    return proceed();
  };

const LOCATIONS = JSON.stringify([{ s3: 's3://results/jobs' }, { cloudWatchLogGroup: '/jobs' }]);

const REQUESTS: Refusal[] = [
  {
    world: 'a field that is not known',
    error: 'RequestInvalid',
    says: ['durationMinute"'],
    request: request(undefined, { durationMinute: 5 }),
  },
  {
    world: 'a parameter that the document does not have, and one that it needs',
    error: 'RequestInvalid',
    says: ['Others in the request: 1;', 'missing: commands'],
    request: request({ script: { document: 'AWS-RunShellScript', parameters: { command: ['ls'] } } }),
  },
  {
    world: 'an address that is not in S3',
    error: 'RequestInvalid',
    says: ['the https URL of an object in S3', 'work.s3Script.url'],
    request: request({ s3Script: { url: 'https://example.com/script.sh', commandLine: 'sh script.sh' } }),
  },
  {
    world: 'a timeout of its own beyond its duration',
    error: 'DurationTooLong',
    says: ['executionTimeout is too long', 'at most the 600'],
    request: request(
      { script: { document: 'AWS-RunShellScript', parameters: { commands: ['ls'], executionTimeout: ['3600'] } } },
      { durationMinutes: 10 },
    ),
  },
  {
    world: 'no work',
    error: 'RequestInvalid',
    says: ['exactly one of', 'work'],
    request: request({}),
  },
  {
    world: 'a script of 40 KB',
    error: 'InputTooLarge',
    says: ['at most 36864', 'use s3Script'],
    request: request({ shell: ['x'.repeat(40_000)] }),
  },
  {
    world: 'a grant misspelt',
    error: 'GrantNotFound',
    says: ["did you mean 'run-remote-script'?", 'This release has: read-bucket-prefix, run-remote-script'],
    request: request(undefined, { grant: 'run-remote-scrip' }),
  },
  {
    world: 'a grant that is nothing like any',
    error: 'GrantNotFound',
    says: ["There is no grant 'zzz'. This release has"],
    request: request(undefined, { grant: 'zzz' }),
  },
  {
    world: 'an hour and a minute, of a grant that allows an hour',
    error: 'DurationTooLong',
    says: ['allows 60 minutes, 61 were asked for'],
    request: request(undefined, { durationMinutes: 61 }),
  },
  {
    world: 'a document that the grant does not list',
    error: 'DocumentNotAllowed',
    says: ["'AWS-ApplyPatchBaseline' is not among them", "Add it to the grant's documents"],
    request: request({ script: { document: 'AWS-ApplyPatchBaseline' } }),
  },
  {
    world: 'an output location that is not configured',
    error: 'OutputNotAllowed',
    says: ['may go nowhere in this deployment', 'add s3://elsewhere/logs to outputLocations'],
    request: request(undefined, { output: { s3: 's3://elsewhere/logs' } }),
  },
  {
    world: 'an output location beside the configured ones',
    error: 'OutputNotAllowed',
    says: ['Output may go to s3://results/jobs, log group /jobs; s3://results/jobs-2 is not among that'],
    options: { wrapLauncher: environment({ STEPUP_OUTPUT_LOCATIONS: LOCATIONS }) },
    request: request(undefined, { output: { s3: 's3://results/jobs-2' } }),
  },
  {
    world: 'a log group beside the configured one',
    error: 'OutputNotAllowed',
    says: ['log group /jobs/mine is not among that'],
    options: { wrapLauncher: environment({ STEPUP_OUTPUT_LOCATIONS: LOCATIONS }) },
    request: request(undefined, { output: { cloudWatchLogGroup: '/jobs/mine' } }),
  },
  {
    world: 'two output locations',
    error: 'RequestInvalid',
    says: ['exactly one of {"s3"', 'output'],
    request: request(undefined, { output: { s3: 's3://results', cloudWatchLogGroup: '/jobs' } }),
  },
  {
    world: 'a document that is not there any more',
    error: 'DocumentNotFound',
    says: ["no document 'AWS-RunShellScript'", 'check its name'],
    options: { intercept: refuseCall('DescribeDocument', 'InvalidDocument') },
  },
];

const INSTANCES: Refusal[] = [
  {
    world: 'an instance that does not exist',
    error: 'InstanceNotFound',
    says: ['check the id and the region'],
    request: { ...request(), instanceId: 'i-0ffffffffffffffff' },
  },
  {
    world: 'a hybrid node',
    error: 'NotAnEc2Instance',
    says: ['hybrid node', 'Name an EC2 instance'],
    request: { ...request(), instanceId: 'mi-0123456789abcdef0' },
  },
  {
    world: 'an instance without the tag',
    error: 'InstanceNotEnrolled',
    says: ['aws ec2 create-tags', 'Key=stepup:grants,Value=run-remote-script'],
    arrange: ({ aws }) => {
      aws.world.ec2.instance(INSTANCE)!.tags = {};
    },
  },
  {
    world: 'an instance enrolled for another grant',
    error: 'GrantNotAllowedHere',
    says: ["is enrolled for run-remote-scripts, not for 'run-remote-script'", "did you mean 'run-remote-scripts'?"],
    options: { tags: { 'stepup:grants': 'run-remote-scripts' } },
  },
  {
    world: 'an instance that was stopped',
    error: 'InstanceNotRunning',
    says: ['is stopped', 'Start it'],
    arrange: async (stage) => {
      stage.aws.world.ec2.stopInstance(INSTANCE);
      await stage.pass(SETTLED);
    },
  },
  {
    world: 'an instance that SSM never heard of',
    error: 'InstanceNotManaged',
    says: ['AmazonSSMManagedInstanceCore'],
    options: { profile: null },
  },
  {
    world: 'an agent that has stopped',
    error: 'AgentOffline',
    says: ['restart it (sudo systemctl restart amazon-ssm-agent)'],
    arrange: async ({ aws, during, ssm }) => {
      await during(ssm.send(new DescribeInstanceInformationCommand({})));
      aws.world.ec2.instance(INSTANCE)!.agent.running = false;
    },
  },
  {
    world: 'the marker of another elevation',
    error: 'InstanceBusy',
    says: [arnOf(`stepup/elevations/${INSTANCE}/other/marker`), 'waitForInstanceMinutes'],
    arrange: ({ aws }) =>
      aws.world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: 'marker', Path: ELEVATIONS }),
  },
  {
    world: 'a temp profile, although its path names another instance',
    error: 'InstanceBusy',
    says: [arnOf('stepup/elevations/i-0aaaaaaaaaaaaaaaa/other/strayed')],
    arrange: async (stage) => {
      await somebodyMakes(stage, 'strayed', '/stepup/elevations/i-0aaaaaaaaaaaaaaaa/other/');
      await stage.pass(SETTLED);
      await somebodyReplaces(stage, 'strayed');
      await stage.pass(SETTLED);
    },
  },
];

const WINDOWS: Refusal[] = [
  {
    world: 'a script for Linux, on Windows',
    error: 'DocumentNotAllowed',
    says: ["'AWS-RunShellScript' runs on Linux", 'is Windows: use a document for Windows'],
    arrange: ({ aws }) => {
      aws.world.ec2.instance(INSTANCE)!.platform = 'Windows';
    },
  },
];

const ORIGINALS: Refusal[] = [
  {
    world: 'a profile that was deleted',
    error: 'OriginalNotRestorable',
    says: [arnOf('app'), 'which IAM does not know any more', 'attach a profile that exists'],
    arrange: (stage) => somebodyDeletes(stage, 'app'),
  },
  {
    world: 'a profile that was deleted and made again',
    error: 'OriginalNotRestorable',
    says: ['which IAM has made anew since'],
    arrange: async (stage) => {
      await somebodyDeletes(stage, 'app');
      await somebodyMakesAgain(stage, 'app');
    },
  },
  {
    world: 'a profile without a role',
    error: 'OriginalNotRestorable',
    says: ['holds no role: add one'],
    arrange: ({ aws }) =>
      aws.world.asRoot('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName: 'app', RoleName: 'app' }),
  },
  {
    world: 'a node of an EKS cluster',
    error: 'OriginalNotRestorable',
    says: ['tag kubernetes.io/cluster/prod', 'Run the job as a pod'],
    options: { tags: { 'kubernetes.io/cluster/prod': 'owned' } },
  },
  {
    world: 'a role that is not among restorableRoles',
    error: 'OriginalNotRestorable',
    says: ['arn:aws:iam::123456789012:role/app', 'add it to restorableRoles and deploy'],
    options: { wrapLauncher: environment({ STEPUP_RESTORABLE_ROLES: '["arn:aws:iam::*:role/ap","*:role/app+"]' }) },
  },
  {
    world: 'a role that Restore may not pass',
    error: 'OriginalNotRestorable',
    says: ['so it was not taken away', 'iam:PassRole', 'see restorableRoles, SCPs'],
    arrange: async (stage) => {
      const deny = { Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' };
      await putPolicy(stage, `${DEPLOYMENT}-restore`, 'as-an-scp-would', deny);
      await stage.pass(SETTLED);
    },
  },
  {
    world: 'a role with a permissions boundary',
    error: 'OriginalHasBoundary',
    says: ['bounded has a permissions boundary', '"baseline": "core"'],
    arrange: async (stage) => {
      await somebodyMakesBounded(stage);
      await stage.pass(SETTLED);
      await somebodyReplaces(stage, 'bounded');
      await stage.pass(SETTLED);
    },
  },
  {
    world: 'an administrator',
    error: 'CeilingTooLow',
    says: ['would lose iam:A*', 'give the role a narrower policy'],
    arrange: ({ aws }) =>
      aws.world.asRoot('iam', 'AttachRolePolicy', {
        RoleName: 'app',
        PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
  },
  {
    world: 'a role that may start elevations by name',
    error: 'CeilingTooLow',
    says: ['would lose states:StartExecution'],
    arrange: (stage) =>
      putPolicy(stage, 'app', 'starts', { Effect: 'Allow', Action: 'states:StartExecution', Resource: MACHINE }),
  },
  {
    world: 'a policy in the language before variables, which allows what a guard denies',
    error: 'CeilingTooLow',
    says: ['would lose cloudtrail:StopLogging'],
    arrange: ({ aws }) =>
      aws.world.asRoot('iam', 'PutRolePolicy', {
        RoleName: 'app',
        PolicyName: 'old',
        PolicyDocument: JSON.stringify({
          Statement: {
            Effect: 'Allow',
            Action: 'cloudtrail:StopLogging',
            Resource: 'arn:aws:cloudtrail:*:*:trail/${x}',
          },
        }),
      }),
  },
  {
    world: 'a managed policy that is not among inheritablePolicies',
    error: 'PolicyNotInheritable',
    says: [
      'app has arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore, which no temp role',
      'add it to inheritablePolicies and deploy',
    ],
    options: {
      wrapLauncher: environment({
        STEPUP_INHERITABLE_POLICIES:
          '["arn:aws-cn:iam::aws:policy/*","arn:*:iam::aws:policy/AmazonSSMManagedInstance"]',
      }),
    },
  },
  {
    world: 'inline policies that leave no room for the grant',
    error: 'QuotaExceeded',
    says: ['characters of inline policies, IAM allows 10240', 'slim the original role'],
    arrange: (stage) => putPolicy(stage, 'app', 'huge', { Effect: 'Allow', Action: 's3:GetObject', Resource: LONG }),
  },
  {
    world: 'a role with 45 tags',
    error: 'QuotaExceeded',
    says: ['55 tags, IAM allows 50'],
    arrange: ({ aws }) => {
      const Tags = Array.from({ length: 45 }, (_, i) => ({ Key: `tag-${i}`, Value: 'x' }));
      return aws.world.asRoot('iam', 'TagRole', { RoleName: 'app', Tags });
    },
  },
  {
    world: 'an account whose roles are used up',
    error: 'QuotaExceeded',
    says: ["The account's quota of Roles is used up (1000)"],
    options: {
      intercept: async ({ operation }, proceed) => {
        const answer = (await proceed()) as { SummaryMap?: object };
        return operation === 'GetAccountSummary' ? { SummaryMap: { ...answer.SummaryMap, Roles: 1000 } } : answer;
      },
    },
  },
];

const MACHINE = `arn:aws:states:us-east-1:123456789012:stateMachine:${DEPLOYMENT}-elevation`;

/** 9,900 characters of ARNs. */
const LONG = Array.from({ length: 99 }, (_, i) => `arn:aws:s3:::${String(i).padStart(2, '0')}${'x'.repeat(82)}`);

async function refused({ options, arrange, request: input = request() }: Refusal) {
  const stage = await createStage(options);
  await arrange?.(stage);
  const before = await stateOf(stage);
  const run = await stage.start(input);
  const { status, error, cause } = await stage.ended(run);
  const states = await stage.states(run);
  await stage.pass(SETTLED);
  expect(await stateOf(stage)).toEqual(before);
  expect(await stage.recoveries()).toEqual([]);
  return { status, error, cause: JSON.parse(cause ?? '{}').errorMessage as string, last: states.at(-1) };
}

describe.each([
  ['a request', REQUESTS],
  ['an instance', INSTANCES],
  ['a platform', WINDOWS],
  ['an original profile', ORIGINALS],
])('%s that is refused', (_, refusals) => {
  test.each(refusals)('$world: $error, and nothing is changed', async (refusal) => {
    const { status, error, cause, last } = await refused(refusal);
    expect([status, error, last]).toEqual(['FAILED', refusal.error, 'Refused']);
    for (const words of refusal.says) expect(cause).toContain(words);
  });
});

test.each([
  ['the default', settingsSchema.parse({ restorableRoles: ['*'] }).inheritablePolicies, 'inherit'],
  ["'*'", ['*'], 'inherit'],
  ['nothing, with baseline core', [], 'core'],
])('what SSM Agent needs may be inherited: %s', async (_, patterns, baseline) => {
  const stage = await createStage({
    wrapLauncher: environment({ STEPUP_INHERITABLE_POLICIES: JSON.stringify(patterns) }),
  });
  expect(await stage.ended(await stage.start(request(undefined, { baseline })))).toMatchObject({ status: 'SUCCEEDED' });
});

test('the permission to write the output needs room among the inline policies, too', async () => {
  const ends = async (more: object) => {
    const stage = await createStage({ wrapLauncher: environment({ STEPUP_OUTPUT_LOCATIONS: LOCATIONS }) });
    await putPolicy(stage, 'app', 'large', { Effect: 'Allow', Action: 's3:GetObject', Resource: LONG.slice(0, 90) });
    await stage.pass(SETTLED);
    return (await stage.ended(await stage.start(request(undefined, more)))).error;
  };
  expect(await ends({})).toBeUndefined();
  expect(await ends({ output: { s3: 's3://results/jobs' } })).toBe('QuotaExceeded');
});
