import { createHash } from 'node:crypto';
import { escapeXml, type WireResponse, xmlResponse } from './message';
import type { Protocol } from './protocol';
import { inputFromHttp, leavesChecksumToHttp, outputToHttp, successStatus } from './schemas';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

function headers(requestId: string): Record<string, string> {
  const hostId = createHash('sha256').update(requestId).digest('base64');
  return { 'x-amz-request-id': requestId.slice(0, 16).toUpperCase().replace('-', '0'), 'x-amz-id-2': hostId };
}

/** aws-facts-2 11.3: an error's further elements stand beside Code and Message; HEAD has no body, not for errors either. */
export const restXml: Protocol = {
  dialect: 's3',
  target: ({ method, path, query, headers }, world) => {
    const copies = headers['x-amz-copy-source'] !== undefined;
    const host = headers.host ?? '';
    const route = world.s3.route({ method, path, query: new URLSearchParams(query), host, copies });
    if (!route) return undefined;
    const { operationName, bucket, key } = route;
    return {
      operation: operationName,
      labels: { ...(bucket !== undefined && { Bucket: bucket }), ...(key !== undefined && { Key: key }) },
    };
  },
  conditions: ({ headers }, { account }) => ({
    's3:authType': 'REST-HEADER',
    's3:ResourceAccount': account,
    's3:signatureversion': 'AWS4-HMAC-SHA256',
    // As aws:SecureTransport: the loopback socket stands for a TLS connection.
    's3:TlsVersion': '1.3',
    's3:x-amz-content-sha256': headers['x-amz-content-sha256'],
  }),
  input: (operation, request, labels) => ({
    ...inputFromHttp(operation, request, labels),
    ...(leavesChecksumToHttp(operation) && { Sent: { headers: request.headers, body: request.body } }),
  }),
  success: (operation, output, requestId): WireResponse => {
    const result = outputToHttp(operation, (output ?? {}) as Record<string, unknown>, NAMESPACE);
    const status = result.headers['content-range'] ? 206 : successStatus(operation);
    const all = { ...headers(requestId), ...result.headers };
    if (result.xml) return xmlResponse(status, result.xml, { ...all, 'content-type': 'application/xml' });
    return { status, headers: all, body: result.payload ?? new Uint8Array() };
  },
  failure: (error, requestId, request) => {
    const all: Record<string, string> = { ...headers(requestId), 'content-type': 'application/xml' };
    if (request.method === 'HEAD') return { status: error.status, headers: all, body: new Uint8Array() };
    const elements = Object.entries({
      Code: error.code,
      Message: error.message,
      ...error.fields,
      RequestId: all['x-amz-request-id'] ?? '',
      HostId: all['x-amz-id-2'] ?? '',
    }).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
    return xmlResponse(error.status, `<Error>${elements.join('')}</Error>`, all);
  },
};
