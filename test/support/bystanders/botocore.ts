import type { Clock } from '../../../local/clock';
import type { Credentials } from '../../../local/world';
import type { Metadata } from './metadata';
import { failure, type Provider } from './provider';

const MINUTE = 60_000;
const ADVISORY_MS = 15 * MINUTE;
/**
 * `ec2_credential_refresh_window`, 15 minutes unless configured, and a jitter of 2 to 10 minutes: here the shortest. With a longer
 * one botocore signs with what has expired, elevation or not, where the service has new credentials no sooner than the five
 * minutes before that AWS promises (aws-facts 3.1).
 */
const EXTENSION_MS = 15 * MINUTE + 2 * MINUTE;

/**
 * Credentials as botocore 1.43 holds them (and with it boto3 and the AWS CLI): utils.py, InstanceMetadataFetcher; credentials.py,
 * InstanceMetadataProvider and RefreshableCredentials.
 *
 * - Fetches once, when the first client is made: a token, the role's name, the credentials; one attempt each
 *   (`metadata_service_num_attempts` 1), anything but 200 is a failure. Failed: NoCredentialsError, and the next client asks again.
 * - Less than 15 minutes left (advisory): asks again before it signs. Less than 10 (mandatory) matters between threads only: a
 *   failed fetch does not raise but returns nothing, and that is a CredentialRetrievalError in either period, outside the `try`
 *   that forgives an advisory refresh. The next call tries again.
 * - Static stability: credentials that are served with less than the window and its jitter left count as good until that long
 *   from now, so the next refresh comes 2 to 10 minutes later. What the service does not serve is not extended.
 */
export function botocore(metadata: Metadata, clock: Clock): Provider {
  let held: Credentials | undefined;
  let refreshAt = 0;
  return async () => {
    if (held && clock.now() <= refreshAt) return held;
    const fetched = await fetch(metadata);
    if (!fetched) throw failure(held ? 'CredentialRetrievalError' : 'NoCredentialsError');
    const now = clock.now();
    const nominal = now >= fetched.expiration - EXTENSION_MS ? now + EXTENSION_MS : fetched.expiration;
    held = fetched;
    refreshAt = nominal - ADVISORY_MS;
    return held;
  };
}

const fetch = async (metadata: Metadata): Promise<Credentials | undefined> => {
  try {
    return await metadata.credentials(await metadata.role());
  } catch {
    return undefined;
  }
};
