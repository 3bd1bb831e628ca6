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

/** The operation by method, path and sub-resource; undefined for `?acl`, `?uploads` and all else that is not here. */
function operationName({ method, query }: Request, bucket?: string, key?: string): string | undefined {
  const parameters = [...query.keys()].filter((name) => name !== 'x-id');
  if (bucket && !key && method === 'GET' && query.get('list-type') === '2') {
    return parameters.every((name) => LIST_PARAMETERS.includes(name)) ? 'ListObjectsV2' : undefined;
  }
  if (parameters.length > 0) return undefined;
  if (key) return { GET: 'GetObject', HEAD: 'HeadObject', PUT: 'PutObject' }[method];
  if (bucket) return method === 'PUT' ? 'CreateBucket' : undefined;
  return method === 'GET' ? 'ListBuckets' : undefined;
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
