import type { StackProps } from 'aws-cdk-lib';
import type { ConfigurationInput } from '../../../infra/config';
import { scheduleFile, scheduleFolder } from '../../support/scheduleFolder';
import { type Synthesised, synth } from '../synth';

/** A schedule with every field that there is, of repeated times; and one of one time. */
const schedulesFolder = scheduleFolder({
  nightly: scheduleFile(
    {
      $schema: '../schedule.schema.json',
      start: '2199-01-01T00:00:00Z',
      end: '2199-12-31T00:00:00Z',
      flexibleWindowMinutes: 15,
      enabled: true,
      retry: { maximumAgeMinutes: 30, attempts: 5 },
    },
    { baseline: 'core', durationMinutes: 45, waitForInstanceMinutes: 10, output: { s3: 's3://results/stepup' } },
  ),
  once: scheduleFile({ schedule: 'at(2199-05-01T02:30:00)', timeZone: 'UTC', enabled: false }, { baseline: 'core' }),
});

/** Every setting that there is, each set to what brings the most into the template. */
export const EVERYTHING: Required<Omit<ConfigurationInput, 'grantsFolder'>> = {
  stackName: 'StepUp',
  deployment: 'acme',
  restorableRoles: ['arn:aws:iam::123456789012:role/app-*'],
  outputLocations: [{ s3: 's3://results/stepup' }, { cloudWatchLogGroup: '/stepup/output' }],
  defaultOutput: { cloudWatchLogGroup: '/stepup/output' },
  core: {
    awsBucketsOf: ['us-east-1'],
    ownBuckets: [{ s3: 's3://patch-logs', otherAccount: true, encrypted: true }],
    cloudWatchAgent: true,
    directoryService: true,
  },
  inherit: true,
  inheritablePolicies: ['arn:aws:iam::123456789012:policy/app-*', 'arn:aws:iam::aws:policy/AmazonSSM*'],
  inheritCeiling: [{ Sid: 'Reading', Effect: 'Allow', Action: ['s3:GetObject', 'ssm:GetParameter'], Resource: '*' }],
  sourceInstanceRequired: true,
  sourceVpcRequired: true,
  reservedConcurrency: { restore: 20, recover: 5, sweep: 1 },
  api: { vpcEndpointIds: ['vpce-0123456789abcdef0'], requestsPerSecond: 20, burst: 40, accessLogs: true },
  schedulesFolder,
  alarmEmail: 'operators@example.com',
  runbookUrl: 'https://example.com/runbook',
  tags: { 'cost-center': '4711' },
  drainMinutes: 420,
  logRetentionDays: 90,
};

const MINIMAL: Partial<ConfigurationInput> = { restorableRoles: ['arn:aws:iam::123456789012:role/app-*'] };

const inRegion = (region: string): StackProps => ({ env: { account: '123456789012', region } });

/** One stack for each way in which stacks of StepUp differ: by configuration, and by partition. */
const CONFIGURATIONS: Record<string, [Partial<ConfigurationInput>, StackProps?]> = {
  'a minimal configuration': [MINIMAL],
  'any restorable role': [{ restorableRoles: ['*'] }],
  'inherit switched off': [{ ...MINIMAL, inherit: false }],
  'everything configured': [EVERYTHING],
  'everything, in us-east-1': [EVERYTHING, inRegion('us-east-1')],
  'everything, in China': [EVERYTHING, inRegion('cn-north-1')],
  'everything, in GovCloud': [EVERYTHING, inRegion('us-gov-west-1')],
};

export interface Judged extends Synthesised {
  /** As the stack's environment has it; undefined for a stack of any region. */
  region: string | undefined;
}

/** What the judges are shown, by what it is. */
export const judged = (): [string, Judged][] =>
  Object.entries(CONFIGURATIONS).map(([name, [configuration, props]]) => [
    name,
    { ...synth(configuration, props), region: props?.env?.region },
  ]);
