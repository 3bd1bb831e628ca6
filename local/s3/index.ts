import type { S3Port, World } from '../world';
import { abortMultipartUpload } from './operations/abortMultipartUpload';
import { completeMultipartUpload } from './operations/completeMultipartUpload';
import { createBucket } from './operations/createBucket';
import { createMultipartUpload } from './operations/createMultipartUpload';
import { deleteBucket } from './operations/deleteBucket';
import { deleteObject } from './operations/deleteObject';
import { getObject } from './operations/getObject';
import { headBucket } from './operations/headBucket';
import { headObject } from './operations/headObject';
import { listBuckets } from './operations/listBuckets';
import { listObjectsV2 } from './operations/listObjectsV2';
import { putObject } from './operations/putObject';
import { uploadPart } from './operations/uploadPart';
import { route } from './route';
import type { Store } from './store';

const OPERATIONS = [
  abortMultipartUpload,
  completeMultipartUpload,
  createBucket,
  createMultipartUpload,
  deleteBucket,
  deleteObject,
  getObject,
  headBucket,
  headObject,
  listBuckets,
  listObjectsV2,
  putObject,
  uploadPart,
];

/** Buckets and objects in memory. */
export function createS3(_world: World): S3Port {
  const store: Store = new Map();
  return { route, operations: OPERATIONS.map((define) => define(store)) };
}
