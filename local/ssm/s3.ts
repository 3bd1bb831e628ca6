import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { agentSettings } from './agentClient';
import type { Ssm, StepRun, StoredCommand } from './state';

async function asInstance(ssm: Ssm, instanceId: string, work: (client: S3Client) => Promise<void>) {
  const client = new S3Client({ ...agentSettings(ssm, instanceId), forcePathStyle: true });
  await work(client).finally(() => client.destroy());
}

/** The forms of URL that SSM Agent reads, with the bucket in the path or in the host name; `+` is a blank. */
export function parseS3Url(text: string): { bucket: string; key: string } {
  const { protocol, hostname, pathname } = new URL(text.trim().replaceAll('+', '%20'));
  const host = /^(?:(.+)\.)?s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/.exec(hostname);
  const path = decodeURIComponent(pathname.slice(1));
  const [bucket, ...rest] = host?.[1] ? [host[1], path] : path.split('/');
  const key = rest.join('/');
  if (protocol !== 'https:' || !host || !bucket || !key) throw new Error(`${text} is not the URL of an object in S3`);
  return { bucket, key };
}

/**
 * What aws:downloadContent does for S3. Like the agent it first lists what lies below the path as if that were a folder,
 * and needs s3:ListBucket for it; when there is nothing, the path is one object.
 */
export async function download(ssm: Ssm, instanceId: string, url: string, destination: string): Promise<void> {
  const { bucket: Bucket, key } = parseS3Url(url);
  const folder = key.endsWith('/') ? key : `${key}/`;
  const single = fileFor(key, destination);
  await asInstance(ssm, instanceId, async (client) => {
    const listed = await client.send(new ListObjectsV2Command({ Bucket, Prefix: folder }));
    if (listed.IsTruncated) throw new Error('A folder of more than 1,000 objects is not supported by the embedded AWS');
    const below = (listed.Contents ?? []).map((object) => object.Key ?? '').filter((name) => !name.endsWith('/'));
    for (const Key of below.length > 0 ? below : [key]) {
      const file = below.length > 0 ? join(destination, Key.slice(folder.length)) : single;
      if (relative(destination, file).startsWith('..')) throw new Error(`${Key} leads out of its folder`);
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, (await Body?.transformToByteArray()) ?? '', { mode: 0o700 });
    }
  });
}

/** One object goes into the destination if that is a folder, else to the destination. */
function fileFor(key: string, destination: string): string {
  const isFolder = destination.endsWith('/') || statSync(destination, { throwIfNoEntry: false })?.isDirectory();
  return isFolder ? join(destination, basename(key)) : destination;
}

/** The output's key in the request's bucket, up to `stdout` or `stderr`: aws-facts 4.3. */
export function outputKey(command: StoredCommand, instanceId: string, { step }: StepRun): string {
  const prefix = command.request.OutputS3KeyPrefix;
  const parts = [command.id, instanceId, step.action.replace(':', ''), step.outputFolder];
  return [...(prefix ? [prefix.replace(/\/$/, '')] : []), ...parts].join('/');
}

/**
 * A failure changes no status (aws-facts-2 17.1): the agent only writes it to its own log, as it does when it may not
 * look at the bucket's encryption. Its ACL is left out: buckets here have none. Unconfirmed: that s3:PutObject is enough
 * for it in one's own account.
 */
export async function uploadOutput(ssm: Ssm, command: StoredCommand, instanceId: string, run: StepRun): Promise<void> {
  const { OutputS3BucketName: Bucket } = command.request;
  if (!Bucket) return;
  const key = outputKey(command, instanceId, run);
  const put = asInstance(ssm, instanceId, async (client) => {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (run[stream]) await client.send(new PutObjectCommand({ Bucket, Key: `${key}/${stream}`, Body: run[stream] }));
    }
  });
  await put.catch(() => {});
}
