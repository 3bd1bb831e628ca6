import type { Operation, S3Port, World } from '../world';
import { abortMultipartUpload } from './operations/abortMultipartUpload';
import { completeMultipartUpload } from './operations/completeMultipartUpload';
import { copyObject } from './operations/copyObject';
import { createBucket } from './operations/createBucket';
import { createMultipartUpload } from './operations/createMultipartUpload';
import { deleteBucket } from './operations/deleteBucket';
import { deleteObject } from './operations/deleteObject';
import { deleteObjects } from './operations/deleteObjects';
import { getObject } from './operations/getObject';
import { headBucket } from './operations/headBucket';
import { headObject } from './operations/headObject';
import { listBuckets } from './operations/listBuckets';
import { listObjects } from './operations/listObjects';
import { listObjectsV2 } from './operations/listObjectsV2';
import { putObject } from './operations/putObject';
import { uploadPart } from './operations/uploadPart';
import { uploadPartCopy } from './operations/uploadPartCopy';
import { route } from './route';
import { checkKey, type Store } from './store';

const OPERATIONS = [
  abortMultipartUpload,
  completeMultipartUpload,
  copyObject,
  createBucket,
  createMultipartUpload,
  deleteBucket,
  deleteObject,
  deleteObjects,
  getObject,
  headBucket,
  headObject,
  listBuckets,
  listObjects,
  listObjectsV2,
  putObject,
  uploadPart,
  uploadPartCopy,
];

/** Whatever is done with an object, its key is looked at first. */
const withKeyChecked = (operation: Operation): Operation => ({
  ...operation,
  run: (call) => {
    checkKey(call.input.Key);
    return operation.run(call);
  },
});

/** Buckets and objects in memory. */
export function createS3(_world: World): S3Port {
  const store: Store = new Map();
  return { route, operations: OPERATIONS.map((define) => withKeyChecked(define(store))) };
}
