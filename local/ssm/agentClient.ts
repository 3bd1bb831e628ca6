import type { S3Client } from '@aws-sdk/client-s3';
import type { Ssm } from './state';

/**
 * The settings of the agent's own clients. Its credentials are those of this moment (aws-facts 3.4, 17.1): the instance
 * profile's, or else those of Default Host Management.
 */
export function agentSettings({ world, registry, options }: Ssm, instanceId: string) {
  const credentials = registry.credentials(instanceId);
  if (!credentials) throw new Error('NoCredentialProviders: no valid providers in chain');
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return {
    region: world.region,
    endpoint: world.endpoint || 'http://127.0.0.1',
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    requestHandler: options.requestHandler?.() as S3Client['config']['requestHandler'] | undefined,
  };
}
