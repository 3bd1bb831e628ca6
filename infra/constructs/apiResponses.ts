import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type AnsweredError, ERROR_STATUS, type Problem } from '../../state-machine/api';

/** Seconds until a request may succeed that was turned away for want of room. */
const RETRY_AFTER = "'5'";

type Shape = Pick<Problem, 'title' | 'status' | 'detail'>;

const problem = (title: AnsweredError, detail: string): Shape => ({ title, status: ERROR_STATUS[title], detail });

const NOT_SIGNED = problem(
  'NotSigned',
  'The request carries no valid signature: sign it with AWS Signature Version 4 for the service execute-api, with credentials that have not expired.',
);
const NOT_AUTHORIZED = problem(
  'NotAuthorized',
  'IAM does not let the caller do this: ask for execute-api:Invoke on this method and path.',
);
const TOO_MANY = problem('TooManyRequests', 'There are more requests than the API takes at once: try again later.');
const UNAVAILABLE = problem(
  'Unavailable',
  'The API could not answer. Try again, with the same Idempotency-Key: nothing happens twice.',
);
const INVALID = problem('RequestInvalid', 'The request is not as the API takes it.');

/**
 * Every answer that API Gateway may give by itself (Developer Guide, 'Gateway response types'), each with its status spelled
 * out: DEFAULT_4XX changes the status of those that have none. It is left for what has no type of its own: credentials that
 * nobody has. Unconfirmed: that they have none.
 */
export const GATEWAY_RESPONSES: Record<string, Shape> = {
  MISSING_AUTHENTICATION_TOKEN: NOT_SIGNED,
  INVALID_SIGNATURE: NOT_SIGNED,
  EXPIRED_TOKEN: NOT_SIGNED,
  DEFAULT_4XX: NOT_SIGNED,
  UNAUTHORIZED: NOT_AUTHORIZED,
  ACCESS_DENIED: NOT_AUTHORIZED,
  INVALID_API_KEY: NOT_AUTHORIZED,
  WAF_FILTERED: NOT_AUTHORIZED,
  RESOURCE_NOT_FOUND: problem('RouteNotFound', 'The API has no such path.'),
  BAD_REQUEST_PARAMETERS: INVALID,
  BAD_REQUEST_BODY: INVALID,
  REQUEST_TOO_LARGE: problem('InputTooLarge', 'The body of a request may have 32 KB, all its headers 10 KB.'),
  UNSUPPORTED_MEDIA_TYPE: problem('MediaTypeNotSupported', 'The body must be application/json.'),
  THROTTLED: TOO_MANY,
  QUOTA_EXCEEDED: TOO_MANY,
  DEFAULT_5XX: UNAVAILABLE,
  API_CONFIGURATION_ERROR: UNAVAILABLE,
  AUTHORIZER_CONFIGURATION_ERROR: UNAVAILABLE,
  AUTHORIZER_FAILURE: UNAVAILABLE,
  INTEGRATION_FAILURE: UNAVAILABLE,
  INTEGRATION_TIMEOUT: UNAVAILABLE,
};

/** API Gateway's own words. The variable brings its quotation marks along, and escapes what is in them. */
const WORDS = '$context.error.messageString';
/** Not requestId, which a client can choose ('Variables for data models …'): a text of its own must not get into the JSON. */
const REQUEST_ID = '$context.extendedRequestId';

const template = ({ title, ...rest }: Shape, runbookUrl: string): string =>
  JSON.stringify({
    type: `${runbookUrl}#${title.toLowerCase()}`,
    title,
    ...rest,
    errors: [{ detail: WORDS }],
    requestId: REQUEST_ID,
  }).replace(`"${WORDS}"`, WORDS);

/** Gives API Gateway's own errors the form of all others: state-machine/api.ts, problemSchema. */
export function shapeResponses(api: RestApi, runbookUrl: string): void {
  for (const [type, shape] of Object.entries(GATEWAY_RESPONSES)) {
    api.addGatewayResponse(type, {
      type: ResponseType.of(type),
      statusCode: String(shape.status),
      responseHeaders: {
        'Content-Type': "'application/problem+json'",
        ...([429, 503].includes(shape.status) && { 'Retry-After': RETRY_AFTER }),
      },
      templates: { 'application/json': template(shape, runbookUrl) },
    });
  }
}
