import type { Statement } from './catalogue';
import { z } from './schema';

/** A bucket, and path segments without wildcards, policy variables or dots that climb. */
const S3_LOCATION = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/(?!\.{1,2}(\/|$))[A-Za-z0-9_.=-]+)*\/?$/;

export const s3LocationSchema = z
  .string()
  .check(z.regex(S3_LOCATION, 'must be s3://bucket or s3://bucket/prefix, without wildcards'), z.maxLength(500));

/** As CloudWatch Logs names its groups; those that begin with `aws/` it keeps for itself. */
const LOG_GROUP = /^(?!aws\/)[A-Za-z0-9_./#-]+$/;

/** Where the full output of a command goes: below a prefix of a bucket, or into a log group. */
export const outputLocationSchema = z.union(
  [
    z.strictObject({ s3: s3LocationSchema }),
    z.strictObject({ cloudWatchLogGroup: z.string().check(z.regex(LOG_GROUP), z.maxLength(512)) }),
  ],
  'must be exactly one of {"s3": "s3://bucket/prefix"} and {"cloudWatchLogGroup": "/name/of/the/group"}, without wildcards',
);
export type OutputLocation = z.infer<typeof outputLocationSchema>;

/** A bucket and a prefix: '' or ending with a slash. */
export function parseS3Location(url: string): { bucket: string; prefix: string } {
  const [bucket = '', ...path] = url.slice('s3://'.length).replace(/\/$/, '').split('/');
  return { bucket, prefix: path.map((part) => `${part}/`).join('') };
}

/** For messages. */
export const nameOfLocation = (location: OutputLocation): string =>
  's3' in location ? location.s3 : `log group ${location.cloudWatchLogGroup}`;

/** The same log group, or a prefix that is the same or deeper, compared segment by segment. */
export function isWithin(wanted: OutputLocation, location: OutputLocation): boolean {
  if ('s3' in wanted && 's3' in location) {
    const [inner, outer] = [parseS3Location(wanted.s3), parseS3Location(location.s3)];
    return inner.bucket === outer.bucket && inner.prefix.startsWith(outer.prefix);
  }
  return (
    'cloudWatchLogGroup' in wanted &&
    'cloudWatchLogGroup' in location &&
    wanted.cloudWatchLogGroup === location.cloudWatchLogGroup
  );
}

/**
 * What SSM Agent needs to write to these locations, and nothing else: aws-facts-2 17.1.
 * @param instanceId of the one whose commands may write there, below keys and streams of its own (aws-facts 4.3); without
 * it, any: for a ceiling
 */
export function outputStatements(locations: OutputLocation[], instanceId?: string): Statement[] {
  const places = locations.flatMap((location) => ('s3' in location ? [parseS3Location(location.s3)] : []));
  const groups = locations.flatMap((location) => ('s3' in location ? [] : [location.cloudWatchLogGroup]));
  const below = instanceId ? `*/${instanceId}/*` : '*';
  return [
    ...(places.length > 0 ? toBuckets(places, below) : []),
    ...(groups.length > 0 ? toLogGroups(groups, below) : []),
  ];
}

/** The agent uploads with an ACL for the bucket's owner, and first looks at the bucket's encryption. */
function toBuckets(places: ReturnType<typeof parseS3Location>[], below: string): Statement[] {
  const objects = places.map(({ bucket, prefix }) => `arn:\${partition}:s3:::${bucket}/${prefix}${below}`);
  return [
    { Sid: 'OutputObjects', Effect: 'Allow', Action: 's3:PutObject', Resource: objects },
    {
      Sid: 'OutputOwner',
      Effect: 'Allow',
      Action: 's3:PutObjectAcl',
      Resource: objects,
      Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
    },
    {
      Sid: 'OutputEncryption',
      Effect: 'Allow',
      Action: 's3:GetEncryptionConfiguration',
      Resource: [...new Set(places.map(({ bucket }) => `arn:\${partition}:s3:::${bucket}`))],
    },
  ];
}

/** The agent looks whether the group is there, and else makes it. */
function toLogGroups(groups: string[], below: string): Statement[] {
  const arns = groups.map((group) => `arn:\${partition}:logs:\${region}:\${account}:log-group:${group}`);
  return [
    { Sid: 'OutputLogGroups', Effect: 'Allow', Action: 'logs:DescribeLogGroups', Resource: '*' },
    {
      Sid: 'OutputLogStreams',
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams'],
      Resource: arns.flatMap((arn) => [arn, `${arn}:*`]),
    },
    {
      Sid: 'OutputLogEvents',
      Effect: 'Allow',
      Action: 'logs:PutLogEvents',
      Resource: arns.map((arn) => `${arn}:log-stream:${below}`),
    },
  ];
}
