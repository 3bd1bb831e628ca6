import type { LocalAws } from '../../../local';
import type { Credentials, World } from '../../../local/world';
import { clientSettings } from '../inProcess';
import { failure } from './provider';

/** Asks with an SDK client of its own for each call, made with the settings that `call` gets. */
export const askWith =
  (aws: LocalAws, call: (settings: ReturnType<typeof clientSettings>) => Promise<unknown>) =>
  ({ accessKeyId, secretAccessKey, sessionToken }: Credentials): Promise<unknown> =>
    call(clientSettings(aws, async () => ({ accessKeyId, secretAccessKey, sessionToken })));

/** Asks as AWS would answer an SDK, without the request: cheap enough for thousands of calls. */
export const askIam =
  ({ clock, iam }: World, action: string, resource: string) =>
  async ({ accessKeyId }: Credentials): Promise<void> => {
    const key = iam.accessKey(accessKeyId);
    if (!key) throw failure('InvalidClientTokenId');
    if (key.expiration !== undefined && key.expiration <= clock.now()) throw failure('ExpiredToken');
    const decision = iam.evaluate(key.principal, action, resource);
    if (!decision.allowed) throw failure('AccessDenied', new Error(decision.because));
  };
