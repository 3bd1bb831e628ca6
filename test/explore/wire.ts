import type { World } from '../../local';
import type { InProcessHandler } from '../../local/wire/inProcess';
import { clockedRetry } from '../support/clockedRetry';
import type { Invocation } from './trace';

/** What an instance of a function works in now: one world, one invocation. */
export interface Bound {
  world: World;
  requestHandler: InProcessHandler;
  /** Its role's credentials, as Lambda puts them into the environment. */
  keys: { accessKeyId: string; sessionToken: string };
  invocation: Invocation;
}

/** Tells the embedded AWS which invocation a request belongs to. */
export const INVOCATION = 'x-explore-invocation';

interface Signable {
  headers: Record<string, string>;
}

/**
 * What the SDK looks up before a client's first call, mostly on disk, which virtual time does not wait for. Given here, a
 * client's first call takes no more turns than its second: else a schedule would go otherwise in a sandbox that is new.
 */
const LOOKED_UP = {
  authSchemePreference: [],
  defaultUserAgentProvider: async () => [['aws-sdk-js']],
  defaultsMode: 'legacy',
  ignoreConfiguredEndpointUrls: true,
  maxAttempts: 3,
  retryMode: 'standard',
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: '',
};

/**
 * SDK clients as the functions have them. They sign with their access key alone, which the world of an exploration trusts:
 * hashes would cost as much as everything else that a client does. That signatures are right is tested elsewhere.
 */
export const clientSettings = (bound: Bound) => ({
  ...LOOKED_UP,
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1:1',
  credentials: { accessKeyId: 'unused', secretAccessKey: 'unused' },
  httpAuthSchemes: [
    {
      schemeId: 'aws.auth#sigv4',
      identityProvider: () => async () => ({}),
      signer: {
        sign: async (request: Signable, _: object, { name }: { name: string }) => signed(request, name, bound),
      },
    },
  ],
  requestHandler: {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: (async (request, options) => {
      const { response } = await bound.requestHandler.handle(request, options);
      // By it the SDK finds its own clock wrong, corrects it and tries again; its clock is the wall's, not the world's.
      const { date, ...headers } = response.headers;
      return { response: { ...response, headers } };
    }) as InProcessHandler['handle'],
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    destroy: () => {},
  },
  retryStrategy: clockedRetry({ sleep: (ms) => bound.world.clock.sleep(ms) }),
});

const NO_SIGNATURE = '0'.repeat(64);

function signed(request: Signable, service: string, { world, keys, invocation }: Bound): Signable {
  const { headers } = request;
  const stamp = new Date(world.clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${stamp.slice(0, 8)}/${world.region}/${service}/aws4_request`;
  headers['x-amz-date'] = stamp;
  headers['x-amz-security-token'] = keys.sessionToken;
  headers[INVOCATION] = invocation.id;
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${NO_SIGNATURE}`;
  return request;
}
