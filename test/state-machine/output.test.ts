import { describe, expect, test } from '@jest/globals';
import { isWithin, type OutputLocation, outputLocationSchema, outputStatements } from '../../state-machine/output';

describe('an output location', () => {
  test.each([
    { s3: 's3://results' },
    { s3: 's3://results/' },
    { s3: 's3://results.example/jobs/year=2026/a_b-c.d/' },
    { cloudWatchLogGroup: '/stepup/jobs' },
    { cloudWatchLogGroup: 'jobs_2026.a#b' },
  ])('may be %j', (location) => expect(outputLocationSchema.parse(location)).toEqual(location));

  test.each([
    {},
    { s3: 's3://results', cloudWatchLogGroup: '/jobs' },
    { s3: 's3://results/*' },
    { s3: 's3://results/a?' },
    { s3: 's3://res*lts' },
    { s3: 's3://results/${aws:username}' },
    { s3: 's3://results/a//b' },
    { s3: 's3://results/a/../b' },
    { s3: 's3://results/..' },
    { s3: 's3://results/./b' },
    { s3: 's3://results/a b' },
    { s3: `s3://results/${'x'.repeat(500)}` },
    { s3: 'https://results' },
    { cloudWatchLogGroup: '' },
    { cloudWatchLogGroup: '/jobs/*' },
    { cloudWatchLogGroup: '/jobs:log-stream' },
    { cloudWatchLogGroup: 'aws/mine' },
    { cloudWatchLogGroup: 'x'.repeat(513) },
  ])('is not %j', (location) => expect(outputLocationSchema.safeParse(location).success).toBe(false));

  test.each<[OutputLocation, OutputLocation, boolean]>([
    [{ s3: 's3://results/a' }, { s3: 's3://results/a' }, true],
    [{ s3: 's3://results/a/' }, { s3: 's3://results/a' }, true],
    [{ s3: 's3://results/a/b' }, { s3: 's3://results/a/' }, true],
    [{ s3: 's3://results/a' }, { s3: 's3://results' }, true],
    [{ s3: 's3://results/ab' }, { s3: 's3://results/a' }, false],
    [{ s3: 's3://results' }, { s3: 's3://results/a' }, false],
    [{ s3: 's3://results-2/a' }, { s3: 's3://results' }, false],
    [{ cloudWatchLogGroup: '/jobs' }, { cloudWatchLogGroup: '/jobs' }, true],
    [{ cloudWatchLogGroup: '/jobs/a' }, { cloudWatchLogGroup: '/jobs' }, false],
    [{ cloudWatchLogGroup: 'results' }, { s3: 's3://results' }, false],
    [{ s3: 's3://results' }, { cloudWatchLogGroup: 'results' }, false],
  ])('%j within %j: %s', (wanted, location, within) => expect(isWithin(wanted, location)).toBe(within));
});

describe('to write the output', () => {
  const allow = (Sid: string, Action: string | string[], Resource: string | string[]) => ({
    ...{ Sid, Effect: 'Allow', Action, Resource },
  });
  const GROUP = 'arn:${partition}:logs:${region}:${account}:log-group:/stepup/jobs';

  test('nowhere, nothing is allowed', () => expect(outputStatements([])).toEqual([]));

  /** For a ceiling, whatever the instance; for a run, below the keys and streams of its instance. */
  test.each([
    [undefined, '*'],
    ['i-0123456789abcdef0', '*/i-0123456789abcdef0/*'],
  ])('to a bucket, as %s', (instanceId, below) => {
    const objects = [`arn:\${partition}:s3:::results/jobs/${below}`];
    expect(outputStatements([{ s3: 's3://results/jobs' }], instanceId)).toEqual([
      allow('OutputObjects', 's3:PutObject', objects),
      {
        ...allow('OutputOwner', 's3:PutObjectAcl', objects),
        Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
      },
      allow('OutputEncryption', 's3:GetEncryptionConfiguration', ['arn:${partition}:s3:::results']),
    ]);
  });

  test.each([
    [undefined, '*'],
    ['i-0123456789abcdef0', '*/i-0123456789abcdef0/*'],
  ])('to a log group, as %s', (instanceId, below) => {
    expect(outputStatements([{ cloudWatchLogGroup: '/stepup/jobs' }], instanceId)).toEqual([
      allow('OutputLogGroups', 'logs:DescribeLogGroups', '*'),
      allow(
        'OutputLogStreams',
        ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams'],
        [GROUP, `${GROUP}:*`],
      ),
      allow('OutputLogEvents', 'logs:PutLogEvents', [`${GROUP}:log-stream:${below}`]),
    ]);
  });
});
