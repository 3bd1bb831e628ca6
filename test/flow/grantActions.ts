import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { LocalAws } from '../../local';
import type { Credentials } from '../../local/world';
import { bind, type GrantFile } from '../../state-machine/catalogue';
import { askIam, askWith } from '../support/bystanders';

const FOLDER = join(__dirname, '../../infra/grants');
export const GRANTS = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));

const policyOf = (grant: string) => {
  const { policy, parameters } = JSON.parse(readFileSync(join(FOLDER, `${grant}.json`), 'utf8')) as GrantFile;
  return bind(policy, { ...parameters, partition: 'aws' });
};

interface Place {
  Bucket: string;
  Key: string;
}

/** How an SDK client does what an action allows. */
const CALLS: Record<string, (s3: S3Client, place: Place) => Promise<unknown>> = {
  's3:ListBucket': (s3, { Bucket, Key }) => s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key })),
  's3:GetObject': (s3, place) => s3.send(new GetObjectCommand(place)),
  's3:PutObject': (s3, place) => s3.send(new PutObjectCommand({ ...place, Body: 'new' })),
  's3:AbortMultipartUpload': (s3, place) => s3.send(new AbortMultipartUploadCommand({ ...place, UploadId: 'none' })),
};

/** The embedded S3 has no operation for these: IAM is asked what it would answer. */
const WITHOUT_OPERATION = [
  ...['s3:GetBucketLocation', 's3:GetEncryptionConfiguration'],
  ...['s3:ListBucketMultipartUploads', 's3:ListMultipartUploadParts'],
];

/** What somebody with certain credentials may try: resolves, or rejects as AWS does. */
export interface Attempt {
  what: string;
  by: (credentials: Credentials) => Promise<unknown>;
}

/** Every action of every statement of a shipped grant, on every resource (and below every prefix) that it names. */
export function attemptsOf(aws: LocalAws, grant: string): Attempt[] {
  return policyOf(grant).Statement.flatMap(({ Action, Resource, Condition }) =>
    [Action ?? []].flat().flatMap((action) =>
      placesOf([Resource ?? []].flat(), Condition?.StringLike?.['s3:prefix']).map((place) => ({
        what: `${action} ${place.Bucket}/${place.Key}`,
        by: attempt(aws, action, place),
      })),
    ),
  );
}

/** `arn:aws:s3:::bucket/prefix*`, or a bucket with conditions on the prefix. */
const placesOf = (arns: string[], prefixes: string | string[] = []): Place[] =>
  arns.flatMap((arn) => {
    const [Bucket = '', ...rest] = arn.replace('arn:aws:s3:::', '').split('/');
    const keys = rest.length > 0 ? [rest.join('/')] : [prefixes].flat();
    return (keys.length > 0 ? keys : ['']).map((key) => ({ Bucket, Key: key.replace('*', 'x') }));
  });

function attempt(aws: LocalAws, action: string, place: Place): Attempt['by'] {
  const call = CALLS[action];
  if (call) return askWith(aws, (settings) => call(new S3Client(settings), place));
  if (!WITHOUT_OPERATION.includes(action)) throw new Error(`Say in CALLS how an SDK client makes use of ${action}`);
  return askIam(aws.world, action, `arn:aws:s3:::${[place.Bucket, place.Key].filter(Boolean).join('/')}`);
}

/** Makes what the grants name, so that an attempt fails for one reason only. */
export async function furnish({ world }: LocalAws): Promise<void> {
  for (const statement of GRANTS.flatMap((grant) => policyOf(grant).Statement)) {
    for (const { Bucket, Key } of placesOf([statement.Resource ?? []].flat())) {
      if (!(await hasBucket(world, Bucket))) await world.asRoot('s3', 'CreateBucket', { Bucket });
      if (Key) await world.asRoot('s3', 'PutObject', { Bucket, Key, Body: 'old' });
    }
  }
}

const hasBucket = async (world: LocalAws['world'], Bucket: string): Promise<boolean> => {
  const { Buckets = [] } = await world.asRoot('s3', 'ListBuckets', {});
  return Buckets.some(({ Name }: { Name: string }) => Name === Bucket);
};

/** 'allowed' also where AWS, having let the caller in, found nothing; else the name of the refusal. */
export async function outcomeOf({ by }: Attempt, credentials: Credentials | undefined): Promise<string> {
  if (!credentials) return 'no credentials';
  try {
    await by(credentials);
    return 'allowed';
  } catch (error) {
    const { name } = error as Error;
    return name === 'NoSuchUpload' ? 'allowed' : name;
  }
}

/** How a number of attempts end, by what is attempted. */
export async function outcomes(attempts: Attempt[], credentials: Credentials | undefined) {
  const ends = await Promise.all(attempts.map(async (one) => [one.what, await outcomeOf(one, credentials)]));
  return Object.fromEntries(ends) as Record<string, string>;
}

export const all = (attempts: Attempt[], outcome: string): Record<string, string> =>
  Object.fromEntries(attempts.map(({ what }) => [what, outcome]));
