import type { S3Port, World } from '../world';
import { createBucket } from './operations/createBucket';
import { getObject } from './operations/getObject';
import { headObject } from './operations/headObject';
import { listBuckets } from './operations/listBuckets';
import { listObjectsV2 } from './operations/listObjectsV2';
import { putObject } from './operations/putObject';
import { route } from './route';
import type { Store } from './store';

/** Buckets and objects in memory. */
export function createS3(_world: World): S3Port {
  const store: Store = new Map();
  const operations = [createBucket, getObject, headObject, listBuckets, listObjectsV2, putObject];
  return { route, operations: operations.map((define) => define(store)) };
}
