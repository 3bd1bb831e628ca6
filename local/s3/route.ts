import type { S3Port } from '../world';

type Request = Parameters<S3Port['route']>[0];

const VIRTUAL_HOST = /^(.+)\.(?:localhost|s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com)(?::\d+)?$/;

const LIST_PARAMETERS = [
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'continuation-token',
  'start-after',
  'encoding-type',
  'fetch-owner',
];

/** By method, what the path names, and the sub-resource. */
const OPERATIONS: Record<string, string> = {
  'GET /': 'ListBuckets',
  'PUT /bucket': 'CreateBucket',
  'HEAD /bucket': 'HeadBucket',
  'DELETE /bucket': 'DeleteBucket',
  'GET /bucket/key': 'GetObject',
  'HEAD /bucket/key': 'HeadObject',
  'PUT /bucket/key': 'PutObject',
  'DELETE /bucket/key': 'DeleteObject',
  'POST /bucket/key?uploads': 'CreateMultipartUpload',
  'PUT /bucket/key?partNumber&uploadId': 'UploadPart',
  'POST /bucket/key?uploadId': 'CompleteMultipartUpload',
  'DELETE /bucket/key?uploadId': 'AbortMultipartUpload',
};

/** Undefined for `?acl`, `?versions` and all else that is not here. */
function operationName({ method, query }: Request, bucket?: string, key?: string): string | undefined {
  const parameters = [...query.keys()].filter((name) => name !== 'x-id').sort();
  const path = key ? '/bucket/key' : bucket ? '/bucket' : '/';
  if (`${method} ${path}` === 'GET /bucket' && query.get('list-type') === '2') {
    return parameters.every((name) => LIST_PARAMETERS.includes(name)) ? 'ListObjectsV2' : undefined;
  }
  return OPERATIONS[`${method} ${path}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`];
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
