import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { refused } from '../failure';
import type { Seeding } from './seed';
import type { WorldFile } from './worldFile';

type Source = WorldFile['world']['buckets'][string]['objects'][string];

export async function seedBuckets({ world, file, make }: Seeding): Promise<void> {
  // us-east-1 is named by the absence of a constraint.
  const elsewhere = world.region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: world.region } };
  for (const [Bucket, { objects }] of Object.entries(file.world.buckets)) {
    await make(['buckets', Bucket], 's3', 'CreateBucket', { Bucket, ...elsewhere });
    for (const [Key, source] of Object.entries(objects)) {
      const entry = ['buckets', Bucket, 'objects', Key];
      const Body = contentOf(file, entry, source);
      await make(entry, 's3', 'PutObject', { Bucket, Key, Body, ContentType: source.contentType });
    }
  }
}

/** A relative path counts from the world file. */
function contentOf(file: WorldFile, entry: string[], source: Source): string | Buffer {
  if ('text' in source) return source.text;
  try {
    return readFileSync(resolve(dirname(file.path), source.file));
  } catch (error) {
    throw refused(`${file.where(entry)}: ${(error as Error).message}`);
  }
}
