import type { Stage } from './stage';

/** May whoever holds the credentials that an instance's metadata service hands out now do this? */
export function may({ aws }: Stage, instanceId: string, [action, resource]: readonly [string, string]): boolean {
  const { world } = aws;
  const accessKeyId = world.imds.credentials(instanceId)?.credentials.accessKeyId ?? '';
  const { principal } = world.iam.accessKey(accessKeyId) ?? {};
  return principal !== undefined && world.iam.evaluate(principal, action, resource).allowed;
}
