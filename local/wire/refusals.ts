import { AwsError } from '../world';
import type { Protocol } from './protocol';

/** Why the front end turns a request away, before any operation sees it. */
export type Reason =
  | 'malformedUri'
  | 'unsigned'
  | 'unsupportedSigning'
  | 'unknownKey'
  | 'wrongToken'
  | 'expiredToken'
  | SignatureReason
  | 'unknownOperation'
  | 'internal';

type SignatureReason = 'wrongSignature' | 'wrongTime' | 'wrongRegion' | 'wrongBody' | 'unsignedHeaders';

type Answer = [code: string, status: number, message: string];

const BAD_URI = 'The query string contains a syntax error.';
const NO_MATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const INVALID_TOKEN = 'The security token included in the request is invalid';
const EXPIRED_TOKEN = 'The security token included in the request is expired';
const NOT_VALIDATED = 'AWS was not able to validate the provided access credentials';
const SCOPE = 'Credential should be scoped to a valid region.';
const SKEWED = 'Signature expired: its time is more than 5 minutes away from the present.';
const TOO_SKEWED = 'The difference between the request time and the current time is too large.';
const FAILED = 'The request processing has failed because of an unknown error.';
const UNSUPPORTED = 'The embedded AWS verifies signatures of AWS4-HMAC-SHA256 in the Authorization header only.';
const BODY = "The provided 'x-amz-content-sha256' header does not match what was computed.";
const UNSIGNED_HEADERS = 'There were headers present in the request which were not signed';
const UNKNOWN = 'The embedded AWS has no such operation: docs/local-aws.md lists what it has.';

/** What is wrong with a signature: one code and status for all of it. */
const signature = (code: string, status: number): Pick<Record<Reason, Answer>, SignatureReason> => ({
  wrongSignature: [code, status, NO_MATCH],
  wrongTime: [code, status, SKEWED],
  wrongRegion: [code, status, SCOPE],
  wrongBody: [code, status, NO_MATCH],
  unsignedHeaders: [code, status, UNSIGNED_HEADERS],
});

/**
 * Rows of aws-facts-2 10.5. Unconfirmed: malformedUri, EC2's answer to an unsigned request, wrongTime and wrongRegion
 * outside S3; which status REST services have for what is not in the facts.
 */
const ANSWERS: Record<Protocol['dialect'], Record<Reason, Answer>> = {
  ec2: {
    ...signature('SignatureDoesNotMatch', 403),
    malformedUri: ['MalformedQueryString', 400, BAD_URI],
    unsigned: ['MissingAuthenticationToken', 403, 'Request is missing Authentication Token'],
    unsupportedSigning: ['AuthFailure', 401, UNSUPPORTED],
    unknownKey: ['AuthFailure', 401, NOT_VALIDATED],
    wrongToken: ['AuthFailure', 401, NOT_VALIDATED],
    expiredToken: ['RequestExpired', 400, 'Request has expired.'],
    wrongTime: ['RequestExpired', 400, 'Request has expired.'],
    wrongRegion: ['AuthFailure', 401, SCOPE],
    unknownOperation: ['InvalidAction', 400, UNKNOWN],
    internal: ['InternalError', 500, 'An internal error has occurred'],
  },
  query: {
    ...signature('SignatureDoesNotMatch', 403),
    malformedUri: ['MalformedQueryString', 400, BAD_URI],
    unsigned: ['MissingAuthenticationToken', 403, 'Request is missing Authentication Token'],
    unsupportedSigning: ['IncompleteSignature', 400, UNSUPPORTED],
    unknownKey: ['InvalidClientTokenId', 403, INVALID_TOKEN],
    wrongToken: ['InvalidClientTokenId', 403, INVALID_TOKEN],
    expiredToken: ['ExpiredToken', 403, EXPIRED_TOKEN],
    unknownOperation: ['InvalidAction', 400, UNKNOWN],
    internal: ['InternalFailure', 500, FAILED],
  },
  json: {
    ...signature('InvalidSignatureException', 400),
    malformedUri: ['SerializationException', 400, BAD_URI],
    unsigned: ['MissingAuthenticationTokenException', 403, 'Missing Authentication Token'],
    unsupportedSigning: ['IncompleteSignatureException', 400, UNSUPPORTED],
    unknownKey: ['UnrecognizedClientException', 400, `${INVALID_TOKEN}.`],
    wrongToken: ['UnrecognizedClientException', 400, `${INVALID_TOKEN}.`],
    expiredToken: ['ExpiredTokenException', 400, EXPIRED_TOKEN],
    unknownOperation: ['UnknownOperationException', 400, UNKNOWN],
    internal: ['InternalFailure', 500, FAILED],
  },
  restJson: {
    ...signature('InvalidSignatureException', 403),
    malformedUri: ['SerializationException', 400, BAD_URI],
    unsigned: ['MissingAuthenticationTokenException', 403, 'Missing Authentication Token'],
    unsupportedSigning: ['IncompleteSignatureException', 403, UNSUPPORTED],
    unknownKey: ['UnrecognizedClientException', 403, `${INVALID_TOKEN}.`],
    wrongToken: ['UnrecognizedClientException', 403, `${INVALID_TOKEN}.`],
    expiredToken: ['ExpiredTokenException', 403, EXPIRED_TOKEN],
    unknownOperation: ['UnknownOperationException', 404, UNKNOWN],
    internal: ['InternalServerException', 500, FAILED],
  },
  s3: {
    malformedUri: ['InvalidURI', 400, "Couldn't parse the specified URI."],
    unsigned: ['AccessDenied', 403, 'Access Denied'],
    unsupportedSigning: ['NotImplemented', 501, UNSUPPORTED],
    unknownKey: ['InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.'],
    wrongToken: ['InvalidToken', 400, 'The provided token is malformed or otherwise invalid.'],
    expiredToken: ['ExpiredToken', 400, 'The provided token has expired.'],
    wrongSignature: ['SignatureDoesNotMatch', 403, NO_MATCH.replace(/AWS Secret.*/, 'key and signing method.')],
    wrongTime: ['RequestTimeTooSkewed', 403, TOO_SKEWED],
    wrongRegion: ['AuthorizationHeaderMalformed', 400, 'The authorization header is malformed; the region is wrong'],
    wrongBody: ['XAmzContentSHA256Mismatch', 400, BODY],
    unsignedHeaders: ['AccessDenied', 403, UNSIGNED_HEADERS],
    unknownOperation: ['NotImplemented', 501, UNKNOWN],
    internal: ['InternalError', 500, 'We encountered an internal error. Please try again.'],
  },
};

export function refusal({ dialect }: Protocol, reason: Reason, fields: Record<string, string> = {}): AwsError {
  const [code, status, message] = ANSWERS[dialect][reason];
  return new AwsError(code, message, status, fields);
}
