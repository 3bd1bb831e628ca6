import type { AwsError, Principal, World } from '../world';
import { rootPrincipal } from './call';
import type { WireRequest } from './message';
import type { Reason } from './refusals';
import { type Authorization, canonicalRequest, isSignedWith, sha256, stringToSign } from './sigv4';
import { signingTime } from './time';

const MAX_SKEW = 5 * 60_000;

/** x-amz-content-sha256 of S3 requests that sign no hash of the body. */
export const UNSIGNED_CHUNKS = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
const UNSIGNED = ['UNSIGNED-PAYLOAD', UNSIGNED_CHUNKS];

interface Options {
  world: World;
  request: WireRequest;
  authorization: Authorization;
  /** Epoch ms of the clock that the request was signed by. */
  now: () => number;
  /** The signature is not looked at. */
  trusted: boolean;
  refuse: (reason: Reason, fields?: Record<string, string>) => AwsError;
}

/**
 * Who signed the request?
 * @throws AwsError a row of aws-facts-2 10.5
 */
export function authenticate(options: Options): Principal {
  const { world, request, authorization, refuse, trusted } = options;
  const key = keyOf(world, authorization.accessKeyId);
  if (!key) throw refuse('unknownKey', { AWSAccessKeyId: authorization.accessKeyId });
  const token = request.headers['x-amz-security-token'];
  if (token !== key.sessionToken) throw refuse(key.sessionToken && !token ? 'unknownKey' : 'wrongToken');
  checkScope(options);
  checkTime(options);
  if (!trusted && !isSignedWith(key.secretAccessKey, request, authorization))
    throw refuse('wrongSignature', whatWasSigned(options));
  if (authorization.service === 's3') checkS3(options);
  if (key.expiration !== undefined && key.expiration <= world.clock.now()) {
    throw refuse('expiredToken', authorization.service === 's3' ? { 'Token-0': token ?? '' } : {});
  }
  return key.principal;
}

function keyOf(world: World, accessKeyId: string) {
  const { rootKey } = world.iam;
  if (accessKeyId !== rootKey.accessKeyId) return world.iam.accessKey(accessKeyId);
  return { ...rootKey, principal: rootPrincipal(world), sessionToken: undefined, expiration: undefined };
}

/** IAM is signed for us-east-1 at its own endpoint, but for the client's region at a custom one; STS has both. */
function checkScope({ world, request, authorization, refuse }: Options): void {
  const { service, region, date, signedHeaders } = authorization;
  const global = service === 'iam' || service === 'sts' ? ['us-east-1'] : [];
  if (![world.region, ...global].includes(region)) throw refuse('wrongRegion', { Region: world.region });
  const mustBeSigned = ['host', 'x-amz-date'];
  const complete = mustBeSigned.every((name) => signedHeaders.includes(name));
  if (!complete || !request.headers['x-amz-date']?.startsWith(date)) throw refuse('wrongSignature');
}

function checkTime({ request, now, refuse }: Options): void {
  const skew = Math.abs(signingTime(request) - now());
  if (!(skew <= MAX_SKEW)) throw refuse('wrongTime');
}

/** S3 shows what it calculated the signature of (aws-facts-2 10.5). */
function whatWasSigned({ request, authorization }: Options): Record<string, string> {
  if (authorization.service !== 's3') return {};
  const StringToSign = stringToSign(request, authorization);
  const CanonicalRequest = canonicalRequest(request, authorization);
  return {
    AWSAccessKeyId: authorization.accessKeyId,
    StringToSign,
    SignatureProvided: authorization.signature,
    StringToSignBytes: inHex(StringToSign),
    CanonicalRequest,
    CanonicalRequestBytes: inHex(CanonicalRequest),
  };
}

const inHex = (value: string) =>
  Buffer.from(value)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');

function checkS3({ request, authorization, refuse }: Options): void {
  const unsigned = Object.keys(request.headers).filter(
    (name) => name.startsWith('x-amz-') && !authorization.signedHeaders.includes(name),
  );
  if (unsigned.length > 0) throw refuse('unsignedHeaders', { HeadersNotSigned: unsigned.join(', ') });
  const hash = request.headers['x-amz-content-sha256'] ?? '';
  if (UNSIGNED.includes(hash)) return;
  if (hash.startsWith('STREAMING-')) throw refuse('unsupportedSigning');
  if (hash !== sha256(request.body)) throw refuse('wrongBody');
}
