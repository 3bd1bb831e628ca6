import type { S3Port } from '../world';

type Request = Parameters<S3Port['route']>[0];

const VIRTUAL_HOST = /^(.+)\.(?:localhost|s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com)(?::\d+)?$/;

const LIST_PARAMETERS = ['prefix', 'delimiter', 'max-keys', 'encoding-type'];
const LISTINGS: Record<string, string[]> = {
  ListObjects: [...LIST_PARAMETERS, 'marker'],
  ListObjectsV2: [...LIST_PARAMETERS, 'list-type', 'continuation-token', 'start-after', 'fetch-owner'],
};

/** By method, what the path names, and the sub-resource. */
const OPERATIONS: Record<string, string> = {
  'GET /': 'ListBuckets',
  'PUT /bucket': 'CreateBucket',
  'HEAD /bucket': 'HeadBucket',
  'DELETE /bucket': 'DeleteBucket',
  'POST /bucket?delete': 'DeleteObjects',
  'GET /bucket/key': 'GetObject',
  'HEAD /bucket/key': 'HeadObject',
  'PUT /bucket/key': 'PutObject',
  'PUT /bucket/key from copy-source': 'CopyObject',
  'DELETE /bucket/key': 'DeleteObject',
  'POST /bucket/key?uploads': 'CreateMultipartUpload',
  'PUT /bucket/key?partNumber&uploadId': 'UploadPart',
  'PUT /bucket/key?partNumber&uploadId from copy-source': 'UploadPartCopy',
  'POST /bucket/key?uploadId': 'CompleteMultipartUpload',
  'DELETE /bucket/key?uploadId': 'AbortMultipartUpload',
};

/** Undefined for `?acl`, `?versions` and all else that is not here. */
function operationName({ method, query, copies }: Request, bucket?: string, key?: string): string | undefined {
  const parameters = [...query.keys()].filter((name) => name !== 'x-id').sort();
  const path = key ? '/bucket/key' : bucket ? '/bucket' : '/';
  const subResource = parameters.length > 0 ? `?${parameters.join('&')}` : '';
  const source = copies ? ' from copy-source' : '';
  if (`${method} ${path}${source}` === 'GET /bucket') {
    const name = query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
    return parameters.every((parameter) => LISTINGS[name]?.includes(parameter)) ? name : undefined;
  }
  return OPERATIONS[`${method} ${path}${subResource}${source}`];
}

/** Path style (`/bucket/key`) and virtual hosts (`bucket.localhost/key`): aws-facts-2 11.1. */
export function route(request: Request): ReturnType<S3Port['route']> {
  const [, virtual] = VIRTUAL_HOST.exec(request.host) ?? [];
  const path = virtual ? `/${virtual}${request.path}` : request.path;
  const [, bucket, rest] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const key = rest ? decodeURIComponent(rest) : undefined;
  const name = operationName(request, bucket, key);
  return name ? { operationName: name, ...(bucket && { bucket }), ...(key && { key }) } : undefined;
}
