import type { HttpResponse } from '../world';

const isValue = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Headers that API Gateway keeps for itself (Developer Guide, 'Important notes'). */
const REMAPPED = ['connection', 'content-length', 'content-md5', 'date', 'host', 'server', 'user-agent'];
const FIELDS = ['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded'];

/**
 * What a function of a proxy integration answered, as HTTP; undefined: it is not in the form that API Gateway takes
 * (Developer Guide, 'Output format of a Lambda function for proxy integration').
 */
export function httpAnswer(payload: unknown): HttpResponse | undefined {
  if (!isRecord(payload) || Object.keys(payload).some((key) => !FIELDS.includes(key))) return undefined;
  const { statusCode, headers = {}, multiValueHeaders = {}, body = '', isBase64Encoded = false } = payload;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (!isRecord(headers ?? {}) || !isRecord(multiValueHeaders ?? {})) return undefined;
  if (body !== null && typeof body !== 'string') return undefined;
  const single = Object.entries(headers ?? {});
  const multiple = Object.entries(multiValueHeaders ?? {});
  const isWell = single.every(([, value]) => isValue(value)) && multiple.every(([, value]) => Array.isArray(value));
  if (!isWell) return undefined;
  const named = (name: string) => {
    const lower = name.toLowerCase();
    return REMAPPED.includes(lower) ? `x-amzn-remapped-${lower}` : lower;
  };
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(single.map(([name, value]) => [named(name), String(value)])),
      ...Object.fromEntries(multiple.map(([name, values]) => [named(name), (values as unknown[]).map(String)])),
    },
    body: new Uint8Array(Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8')),
  };
}
