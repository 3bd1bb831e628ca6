import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

/** Long-lived keys, or those of a session. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface Signer {
  /** @returns the headers with those of the signature; without `host`, which whoever sends the request sets. */
  sign(request: {
    method: string;
    url: URL;
    headers: Record<string, string>;
    body?: string;
    /** Epoch ms. */
    now: number;
  }): Promise<Record<string, string>>;
}

/** Signs as API Gateway's IAM authorisation wants it: SigV4 for the service execute-api (aws-facts-2 13.5). */
export function createSigner(credentials: () => Promise<Credentials>, region: string): Signer {
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  return {
    sign: async ({ method, url, headers, body, now }) => {
      const { protocol, hostname, pathname: path, host } = url;
      const query = Object.fromEntries(url.searchParams);
      const request = { method, protocol, hostname, path, query, headers: { ...headers, host }, body };
      const signed = await signer.sign(request, { signingDate: new Date(now) });
      return Object.fromEntries(Object.entries(signed.headers).filter(([name]) => name !== 'host'));
    },
  };
}
