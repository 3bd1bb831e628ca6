import type { ApiPart, HttpResponse } from '../world';
import { type Facts, filled } from './variables';

const INVALID_TOKEN = 'The security token included in the request is invalid.';

/**
 * Why API Gateway answers by itself: the response's type, its status where the API sets none, x-amzn-ErrorType, the message.
 * Types and statuses: Developer Guide, 'Gateway response types'. Unconfirmed: the type for credentials that nobody has, for a
 * URI that cannot be decoded, for headers that are too long and for a function that is throttled; the messages of these.
 */
export const REFUSALS = {
  unsigned: [
    'MISSING_AUTHENTICATION_TOKEN',
    403,
    'MissingAuthenticationTokenException',
    'Missing Authentication Token',
  ],
  noMethod: [
    'MISSING_AUTHENTICATION_TOKEN',
    403,
    'MissingAuthenticationTokenException',
    'Missing Authentication Token',
  ],
  badSignature: [
    'INVALID_SIGNATURE',
    403,
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  ],
  unsupportedSigning: [
    'INVALID_SIGNATURE',
    403,
    'InvalidSignatureException',
    'The embedded AWS verifies signatures of AWS4-HMAC-SHA256 in the Authorization header only.',
  ],
  wrongTime: [
    'INVALID_SIGNATURE',
    403,
    'InvalidSignatureException',
    'Signature expired: its time is more than 5 minutes away from the present.',
  ],
  wrongScope: [
    'INVALID_SIGNATURE',
    403,
    'InvalidSignatureException',
    'Credential should be scoped to a valid region, and to the service execute-api.',
  ],
  unknownKey: ['DEFAULT_4XX', 403, 'UnrecognizedClientException', INVALID_TOKEN],
  expiredToken: [
    'EXPIRED_TOKEN',
    403,
    'ExpiredTokenException',
    'The security token included in the request is expired',
  ],
  denied: ['ACCESS_DENIED', 403, 'AccessDeniedException', ''],
  malformedUri: ['DEFAULT_4XX', 400, 'BadRequestException', 'Bad Request'],
  headersTooLong: ['REQUEST_TOO_LARGE', 413, 'RequestTooLargeException', 'Request Too Long'],
  bodyTooLarge: ['REQUEST_TOO_LARGE', 413, 'RequestTooLargeException', 'HTTP content length exceeded 10485760 bytes.'],
  timedOut: ['INTEGRATION_TIMEOUT', 504, 'InternalServerErrorException', 'Endpoint request timed out'],
  throttledFunction: ['INTEGRATION_FAILURE', 504, 'InternalServerErrorException', 'Internal server error'],
  misconfigured: ['API_CONFIGURATION_ERROR', 500, 'InternalServerErrorException', 'Internal server error'],
  badAnswer: ['DEFAULT_5XX', 502, 'InternalServerErrorException', 'Internal server error'],
} as const satisfies Record<string, readonly [type: string, status: number, errorType: string, message: string]>;
export type Refused = keyof typeof REFUSALS;

type Parts = ReadonlyMap<string, ApiPart>;
type Response = Extract<ApiPart, { kind: 'response' }>;

const responseOf = (parts: Parts, type: string): Response | undefined =>
  [...parts.values()].find((part): part is Response => part.kind === 'response' && part.type === type);

/** `'static'`: the only kind of value for a header that is supported here. */
const unquoted = (value: string): string => value.slice(1, -1);

/** API Gateway's own answer, as the API shapes it: by the type, else by DEFAULT_4XX or DEFAULT_5XX, else as it comes. */
export function refusal(parts: Parts, why: Refused, facts: Facts, words?: string): { facts: Facts } & HttpResponse {
  const [responseType, usual, errorType, standard] = REFUSALS[why];
  const shaped = responseOf(parts, responseType) ?? responseOf(parts, usual < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const status = shaped?.status ?? usual;
  const known: Facts = { ...facts, status, error: { message: words ?? standard, responseType } };
  const template = shaped?.body ?? '{"message":$context.error.messageString}';
  const own = Object.entries(shaped?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), unquoted(value)]);
  return {
    facts: known,
    status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-errortype': errorType,
      ...Object.fromEntries(own),
    },
    body: new Uint8Array(Buffer.from(filled(template, known, ''))),
  };
}
