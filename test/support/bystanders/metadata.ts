import type { Credentials, World } from '../../../local/world';

/** What clients of the metadata service get instead of an answer 200. */
export class MetadataError extends Error {}

/** The metadata service as a client on the instance sees it: one request for the role's name, one for its credentials. */
export interface Metadata {
  role(): Promise<string>;
  credentials(role: string): Promise<Credentials>;
}

/** A request takes this long, so that a swap can come between the two. */
const REQUEST_MS = 2;

/**
 * Reads without a socket, on the world's clock. A role that EC2 cannot assume is a 404 here, where the service answers 200 with a
 * Code: to both SDKs either is a failure.
 */
export function metadataOf({ clock, imds }: World, instanceId: string): Metadata {
  const served = async () => {
    await clock.sleep(REQUEST_MS);
    const found = imds.credentials(instanceId);
    if (!found) throw new MetadataError('404 - Not Found');
    return found;
  };
  return {
    role: async () => (await served()).roleName,
    credentials: async (role) => {
      const { roleName, credentials } = await served();
      if (roleName !== role) throw new MetadataError(`404 - Not Found: ${role}`);
      // Expiration has whole seconds (aws-facts 3.1).
      return { ...credentials, expiration: Math.floor(credentials.expiration / 1_000) * 1_000 };
    },
  };
}
