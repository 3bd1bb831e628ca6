import { AwsError, type HttpRequest, type Principal, type World } from '../world';
import { authenticate } from './authenticate';
import type { Reason } from './refusals';
import { type Authorization, readAuthorization } from './sigv4';
import { signersClock } from './time';

export interface GateOptions {
  signatures?: 'verified' | 'trusted';
  wallTime: () => number;
}

/** As `authenticate` refuses, for a service with words of its own. */
class Refused extends AwsError {
  constructor(readonly reason: Reason) {
    super(reason, reason);
  }
}

/**
 * IAM User Guide, 'Create a signed AWS API request': the host, and every x-amz-* header that is sent.
 * Unconfirmed: that API Gateway insists on it for a session's token.
 */
const areAmazonsSigned = ({ headers }: HttpRequest, { signedHeaders }: Authorization): boolean =>
  Object.keys(headers).every((name) => !name.startsWith('x-amz-') || signedHeaders.includes(name));

/**
 * For a service that is no part of the wire, such as API Gateway's data plane: who signed a request for it, or why nobody
 * did.
 */
export function createGate(world: World, service: string, { signatures, wallTime }: GateOptions) {
  return (request: HttpRequest): Principal | Reason => {
    const authorization = readAuthorization(request.headers.authorization);
    const isPresigned = /(^|&)X-Amz-(Algorithm|Signature)=/i.test(request.query);
    if (!authorization) return request.headers.authorization || isPresigned ? 'unsupportedSigning' : 'unsigned';
    if (authorization.service !== service) return 'wrongRegion';
    if (!areAmazonsSigned(request, authorization)) return 'unsignedHeaders';
    try {
      return authenticate({
        ...{ world, request, authorization },
        refuse: (reason) => new Refused(reason),
        now: signersClock(request, world, wallTime),
        trusted: signatures === 'trusted',
      });
    } catch (error) {
      if (error instanceof Refused) return error.reason;
      throw error;
    }
  };
}
