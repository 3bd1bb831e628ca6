import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Statement } from '../state-machine/catalogue';
import { nearest } from '../state-machine/nearest';
import { parseS3Location, s3LocationSchema } from '../state-machine/output';
import { z } from '../state-machine/schema';
import type { Parts } from './sizes';

/** As this release of the CDK knows them. */
const REGIONS = RegionInfo.regions.map(({ name }) => name);

/** One region, by its name: a wildcard would reach buckets that are not AWS's. */
const regionSchema = z.string().check(
  z.refine((region) => REGIONS.includes(region), {
    error: ({ input }) => {
      const near = nearest(String(input), REGIONS);
      return `'${input}' is no region${near ? `; did you mean '${near}'?` : '.'} Name each, without wildcards`;
    },
  }),
);

const ownBucketSchema = z.strictObject({
  s3: s3LocationSchema,
  /** Whether it belongs to another account, which then owns what is written. */
  otherAccount: z._default(z.boolean(), false),
  encrypted: z._default(z.boolean(), false),
});
type OwnBucket = z.infer<typeof ownBucketSchema>;

/** What a deployer may add to the baseline `core`, as AWS's guide on instance permissions for Systems Manager has it. */
export const coreSettingsSchema = z.strictObject({
  /** Regions whose AWS-managed buckets the agent reads. Only where S3 is reached through a VPC endpoint. */
  awsBucketsOf: z._default(z.array(regionSchema), []),
  /** Buckets of one's own that Systems Manager works with, such as for logs of patching. */
  ownBuckets: z._default(z.array(ownBucketSchema), []),
  /** What CloudWatchAgentServerPolicy allows. */
  cloudWatchAgent: z._default(z.boolean(), false),
  /** What AmazonSSMDirectoryServiceAccess allows: to join a Windows instance to a directory. */
  directoryService: z._default(z.boolean(), false),
});
export type CoreSettings = z.infer<typeof coreSettingsSchema>;

/** The statements behind each setting. */
export const addedToCore = (core: CoreSettings): Parts => ({
  'core.awsBucketsOf': core.awsBucketsOf.length > 0 ? [readAwsBuckets(core.awsBucketsOf)] : [],
  'core.ownBuckets': core.ownBuckets.map((bucket, at) => ({ Sid: `OwnBucket${at + 1}`, ...useOwnBucket(bucket) })),
  'core.cloudWatchAgent': core.cloudWatchAgent ? CLOUDWATCH_AGENT : [],
  'core.directoryService': core.directoryService ? DIRECTORY_SERVICE : [],
});

const bucketArn = (bucket: string): string => `arn:\${partition}:s3:::${bucket}`;

const readAwsBuckets = (regions: string[]): Statement => ({
  Sid: 'AwsBuckets',
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: regions.flatMap((region) => [
    `${bucketArn(`aws-ssm-${region}`)}/*`,
    `${bucketArn(`aws-windows-downloads-${region}`)}/*`,
    `${bucketArn(`amazon-ssm-${region}`)}/*`,
    `${bucketArn(`amazon-ssm-packages-${region}`)}/*`,
    `${bucketArn(`${region}-birdwatcher-prod`)}/*`,
    `${bucketArn(`aws-ssm-distributor-file-${region}`)}/*`,
    `${bucketArn(`aws-ssm-document-attachments-${region}`)}/*`,
    `${bucketArn(`patch-baseline-snapshot-${region}`)}/*`,
  ]),
});

function useOwnBucket({ s3, otherAccount, encrypted }: OwnBucket): Statement {
  const { bucket, prefix } = parseS3Location(s3);
  return {
    Effect: 'Allow',
    Action: [
      's3:GetObject',
      's3:PutObject',
      ...(otherAccount ? ['s3:PutObjectAcl'] : []),
      ...(encrypted ? ['s3:GetEncryptionConfiguration'] : []),
    ],
    // The encryption is asked of the bucket itself.
    Resource: [`${bucketArn(bucket)}/${prefix}*`, ...(encrypted ? [bucketArn(bucket)] : [])],
  };
}

/** CloudWatchAgentServerPolicy, version 3 of 2024-02-06. */
const CLOUDWATCH_AGENT: Statement[] = [
  {
    Sid: 'CloudWatchAgent',
    Effect: 'Allow',
    Action: [
      'cloudwatch:PutMetricData',
      'ec2:DescribeVolumes',
      'ec2:DescribeTags',
      'logs:PutLogEvents',
      'logs:PutRetentionPolicy',
      'logs:DescribeLogStreams',
      'logs:DescribeLogGroups',
      'logs:CreateLogStream',
      'logs:CreateLogGroup',
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:GetSamplingStatisticSummaries',
    ],
    Resource: '*',
  },
  {
    Sid: 'CloudWatchAgentConfiguration',
    Effect: 'Allow',
    Action: 'ssm:GetParameter',
    Resource: 'arn:${partition}:ssm:*:*:parameter/AmazonCloudWatch-*',
  },
];

/** AmazonSSMDirectoryServiceAccess, version 1 of 2019-03-15. */
const DIRECTORY_SERVICE: Statement[] = [
  {
    Sid: 'DirectoryService',
    Effect: 'Allow',
    Action: ['ds:CreateComputer', 'ds:DescribeDirectories'],
    Resource: '*',
  },
];
