import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { bytes, type WireRequest } from './message';

/** The parts of `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…`. */
export interface Authorization {
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
}

const HEADER =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/;

export function readAuthorization(header = ''): Authorization | undefined {
  const match = HEADER.exec(header);
  if (!match) return undefined;
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] = match;
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature };
}

export const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Uint8Array, data: string) => createHmac('sha256', key).update(data).digest();

/** RFC 3986: encodeURIComponent leaves five characters more than SigV4 does. */
const encode = (value: string) =>
  encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * S3 takes the path as it is, encoded once; all other services take it without redundant and relative parts, and encode
 * what was sent again (aws-facts-2 13.5; IAM User Guide, 'Create a signed AWS API request').
 */
function canonicalPath({ path }: WireRequest, service: string): string {
  const segments = path.split('/');
  if (service === 's3') return segments.map((segment) => encode(decodeURIComponent(segment))).join('/');
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(encode(segment));
  }
  return `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

function canonicalQuery({ query }: WireRequest): string {
  const pairs = query.split('&').filter(Boolean);
  const encoded = pairs.map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value.join('=')))] as const;
  });
  const byCodePoint = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  encoded.sort(([a, x], [b, y]) => byCodePoint(a, b) || byCodePoint(x, y));
  return encoded.map((pair) => pair.join('=')).join('&');
}

export function canonicalRequest(request: WireRequest, { service, signedHeaders }: Authorization): string {
  const headers = signedHeaders.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`);
  const payload = (service === 's3' && request.headers['x-amz-content-sha256']) || sha256(request.body);
  return [
    request.method,
    canonicalPath(request, service),
    canonicalQuery(request),
    headers.join(''),
    signedHeaders.join(';'),
    payload,
  ].join('\n');
}

const scopeOf = ({ date, region, service }: Authorization) => [date, region, service, 'aws4_request'];

export function stringToSign(request: WireRequest, authorization: Authorization): string {
  const scope = scopeOf(authorization).join('/');
  const hash = sha256(canonicalRequest(request, authorization));
  return ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, hash].join('\n');
}

/** Was the request signed with this secret? */
export function isSignedWith(secret: string, request: WireRequest, authorization: Authorization): boolean {
  const key = scopeOf(authorization).reduce<Uint8Array>(hmac, bytes(`AWS4${secret}`));
  const signature = hmac(key, stringToSign(request, authorization));
  return timingSafeEqual(signature, Buffer.from(authorization.signature, 'hex'));
}
