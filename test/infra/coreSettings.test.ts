import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildRelease } from '../../infra/catalogue';
import { parseOrExplain, type SettingsInput, settingsSchema } from '../../infra/config';
import type { Statement } from '../../state-machine/catalogue';
import { scratchFolder } from '../support/scratch';

type Core = NonNullable<SettingsInput['core']>;

const released = (core: Core) => buildRelease(settingsSchema.parse({ restorableRoles: ['*'], core }));

/** What a setting adds to baseline `core`, without the names that we give to statements. */
const added = (core: Core) =>
  released(core)
    .catalogue.core.Statement.slice(1)
    .map(({ Sid, ...rest }) => rest);

describe('the AWS-managed buckets', () => {
  /** As the guide lists them, each region by its name. */
  const guide = (region: string): string[] => [
    `arn:\${partition}:s3:::aws-ssm-${region}/*`,
    `arn:\${partition}:s3:::aws-windows-downloads-${region}/*`,
    `arn:\${partition}:s3:::amazon-ssm-${region}/*`,
    `arn:\${partition}:s3:::amazon-ssm-packages-${region}/*`,
    `arn:\${partition}:s3:::${region}-birdwatcher-prod/*`,
    `arn:\${partition}:s3:::aws-ssm-distributor-file-${region}/*`,
    `arn:\${partition}:s3:::aws-ssm-document-attachments-${region}/*`,
    `arn:\${partition}:s3:::patch-baseline-snapshot-${region}/*`,
  ];

  test('of one region', () => {
    expect(added({ awsBucketsOf: ['us-east-2'] })).toEqual([
      { Effect: 'Allow', Action: 's3:GetObject', Resource: guide('us-east-2') },
    ]);
  });

  test('of several regions', () => {
    expect(added({ awsBucketsOf: ['us-east-2', 'eu-central-1', 'cn-north-1'] })).toEqual([
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: [...guide('us-east-2'), ...guide('eu-central-1'), ...guide('cn-north-1')],
      },
    ]);
  });
});

describe('own buckets', () => {
  test.each([
    ['of this account', {}, ['s3:GetObject', 's3:PutObject'], ['arn:${partition}:s3:::patch-logs/*']],
    [
      'of another account',
      { otherAccount: true },
      ['s3:GetObject', 's3:PutObject', 's3:PutObjectAcl'],
      ['arn:${partition}:s3:::patch-logs/*'],
    ],
    [
      'encrypted',
      { encrypted: true },
      ['s3:GetObject', 's3:PutObject', 's3:GetEncryptionConfiguration'],
      ['arn:${partition}:s3:::patch-logs/*', 'arn:${partition}:s3:::patch-logs'],
    ],
    [
      "of another account, encrypted: the guide's example",
      { otherAccount: true, encrypted: true },
      ['s3:GetObject', 's3:PutObject', 's3:PutObjectAcl', 's3:GetEncryptionConfiguration'],
      ['arn:${partition}:s3:::patch-logs/*', 'arn:${partition}:s3:::patch-logs'],
    ],
  ])('%s', (_, properties, Action, Resource) => {
    expect(added({ ownBuckets: [{ s3: 's3://patch-logs', ...properties }] })).toEqual([
      { Effect: 'Allow', Action, Resource },
    ]);
  });

  test('below a prefix, the encryption asked of the bucket', () => {
    const ownBuckets = [{ s3: 's3://patch-logs/fleet/a', encrypted: true }];
    expect(added({ ownBuckets })[0]?.Resource).toEqual([
      'arn:${partition}:s3:::patch-logs/fleet/a/*',
      'arn:${partition}:s3:::patch-logs',
    ]);
  });

  test('several, each named', () => {
    const ownBuckets = [{ s3: 's3://patch-logs' }, { s3: 's3://session-logs' }];
    expect(added({ ownBuckets }).map(({ Resource }) => Resource)).toEqual([
      ['arn:${partition}:s3:::patch-logs/*'],
      ['arn:${partition}:s3:::session-logs/*'],
    ]);
  });
});

test('the CloudWatch agent, as CloudWatchAgentServerPolicy has it', () => {
  const actions = (service: string, names: string) => names.split(' ').map((name) => `${service}:${name}`);
  expect(added({ cloudWatchAgent: true })).toEqual([
    {
      Effect: 'Allow',
      Action: [
        ...actions('cloudwatch', 'PutMetricData'),
        ...actions('ec2', 'DescribeVolumes DescribeTags'),
        ...actions('logs', 'PutLogEvents PutRetentionPolicy DescribeLogStreams DescribeLogGroups'),
        ...actions('logs', 'CreateLogStream CreateLogGroup'),
        ...actions('xray', 'PutTraceSegments PutTelemetryRecords'),
        ...actions('xray', 'GetSamplingRules GetSamplingTargets GetSamplingStatisticSummaries'),
      ],
      Resource: '*',
    },
    { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: 'arn:${partition}:ssm:*:*:parameter/AmazonCloudWatch-*' },
  ]);
});

test('joining a directory, as AmazonSSMDirectoryServiceAccess has it', () => {
  expect(added({ directoryService: true })).toEqual([
    { Effect: 'Allow', Action: ['ds:CreateComputer', 'ds:DescribeDirectories'], Resource: '*' },
  ]);
});

const EVERYTHING: Core = {
  awsBucketsOf: ['us-east-1'],
  ownBuckets: [{ s3: 's3://patch-logs', encrypted: true }],
  cloudWatchAgent: true,
  directoryService: true,
};

test('nothing is added without a setting, and every ceiling of a grant admits what is added', () => {
  expect(added({})).toEqual([]);
  const { catalogue, ceilings } = released(EVERYTHING);
  expect(catalogue.core.Statement).toHaveLength(1 + 5);
  for (const { policy } of ceilings.slice(1)) {
    expect(policy.Statement).toEqual(expect.arrayContaining(catalogue.core.Statement as Statement[]));
  }
});

describe('settings of core are refused, with their field,', () => {
  const S3 = 's3://bucket or s3://bucket/prefix, without wildcards';
  test.each<[string, object, string]>([
    ['awsBucketsOf[0]', { awsBucketsOf: ['*'] }, "'*' is no region"],
    ['awsBucketsOf[0]', { awsBucketsOf: ['eu-*'] }, 'Name each, without wildcards'],
    ['awsBucketsOf[1]', { awsBucketsOf: ['us-east-1', 'us-eats-1'] }, "did you mean 'us-east-1'?"],
    ['awsBucketsOf[0]', { awsBucketsOf: ['us-east-1a'] }, "did you mean 'us-east-1'?"],
    ['ownBuckets[0].s3', { ownBuckets: [{ s3: 's3://patch-*' }] }, S3],
    ['ownBuckets[0].s3', { ownBuckets: [{ s3: 's3://patch-logs/*' }] }, S3],
    ['ownBuckets[0].s3', { ownBuckets: [{ s3: 'patch-logs' }] }, S3],
    ['ownBuckets[0]', { ownBuckets: [{ s3: 's3://patch-logs', acl: true }] }, 'acl'],
    ['cloudWatchAgent', { cloudWatchAgent: 'yes' }, 'boolean'],
  ])('%s of %j', (field, core, says) => {
    const parse = () => parseOrExplain('stepup.config.json', settingsSchema, { restorableRoles: ['*'], core });
    expect(parse).toThrow(`at core.${field}`);
    expect(parse).toThrow(says);
  });

  test('cloudwatchAgent, which is misspelt', () => {
    const parse = () => settingsSchema.parse({ restorableRoles: ['*'], core: { cloudwatchAgent: true } });
    expect(parse).toThrow('cloudwatchAgent');
  });
});

test('inline policies that would be too large are refused at synth, though the ceiling has room', () => {
  // 80 short statements: each gets an expiry when it is attached, which a ceiling does not have.
  const Statement = Array.from({ length: 80 }, () => ({ Effect: 'Allow', Action: 'aps:L*', Resource: '*' }));
  const grant = {
    description: 'Many',
    maxMinutes: 1,
    documents: ['Doc'],
    policy: { Version: '2012-10-17', Statement },
  };
  const grantsFolder = scratchFolder('grants');
  writeFileSync(join(grantsFolder, 'many.json'), JSON.stringify(grant));
  const release = () => buildRelease(settingsSchema.parse({ restorableRoles: ['*'], grantsFolder }));
  expect(release).toThrow(/^The inline policies of a temp role with grant 'many' and baseline core would have up to 1/);
  expect(release).toThrow(/IAM allows 10240. The largest part is the grant \(/);
});
