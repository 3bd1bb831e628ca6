import type { Clock } from '../../../local/clock';
import type { Credentials } from '../../../local/world';
import type { Metadata } from './metadata';
import { failure, type Provider } from './provider';

const MINUTE = 60_000;
/** EXPIRATION_MS of @smithy/core; the same five minutes in @aws-sdk/credential-provider-node. */
const WINDOW_MS = 5 * MINUTE;
/** Five minutes, and a jitter of up to five more: here the longest. */
const EXTENSION_MS = 10 * MINUTE;

/**
 * `fromInstanceMetadata` of @smithy/credential-provider-imds 4.5 (fromInstanceMetadata.ts, staticStabilityProvider.ts): a token (for
 * six hours, asked for anew each time), the role's name, the credentials; no retries (`maxRetries` 0). If any of that fails, it
 * hands out what it got last as if that were good for five to ten minutes more; with nothing to hand out, it fails.
 */
function fromInstanceMetadata(metadata: Metadata, clock: Clock): Provider {
  let past: Credentials | undefined;
  const extended = (credentials: Credentials) => ({ ...credentials, expiration: clock.now() + EXTENSION_MS });
  return async () => {
    try {
      const fetched = await metadata.credentials(await metadata.role());
      past = fetched.expiration < clock.now() ? extended(fetched) : fetched;
    } catch (error) {
      if (!past) throw failure('CredentialsProviderError', error);
      past = extended(past);
    }
    return past;
  };
}

/**
 * A client that was given `credentials: fromInstanceMetadata()`: `memoizeIdentityProvider` of @smithy/core 3 asks again, and
 * waits for the answer, when less than five minutes are left.
 */
export function javascript(metadata: Metadata, clock: Clock): Provider {
  const provider = fromInstanceMetadata(metadata, clock);
  let held: Credentials | undefined;
  return async () => {
    if (!held || held.expiration - clock.now() < WINDOW_MS) held = await provider();
    return held;
  };
}

/**
 * A client that was given none: `memoizeChain` of @aws-sdk/credential-provider-node 3. With less than five minutes left it asks
 * again in the background and signs with what it has; what has expired it forgets. Each time the chain makes a new
 * `fromInstanceMetadata` (remoteProvider.ts), so that there is never anything to extend.
 */
export function javascriptChain(metadata: Metadata, clock: Clock): Provider {
  const chain = () => fromInstanceMetadata(metadata, clock)();
  let held: Credentials | undefined;
  let refreshing = false;
  const refresh = async () => {
    refreshing = true;
    try {
      held = await chain();
    } catch {
      // What is held serves until it has expired.
    } finally {
      refreshing = false;
    }
  };
  return async () => {
    if (held && held.expiration < clock.now()) held = undefined;
    held ??= await chain();
    if (held.expiration - clock.now() < WINDOW_MS && !refreshing) void refresh();
    return held;
  };
}
