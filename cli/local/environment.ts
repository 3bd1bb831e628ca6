import type { World } from '../../local';
import type { AccessKey } from './seedIam';

/**
 * What a shell evaluates to work in the account with this key.
 * @param api URL of StepUp's API, if it is there
 */
export function exportLines({ endpoint, region }: World, { id, secret }: AccessKey, api?: string): string {
  const variables = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    ...(api && { STEPUP_API: api }),
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
  // Each of these would send the caller elsewhere, or as somebody else.
  const foreign = `AWS_SESSION_TOKEN AWS_PROFILE AWS_IGNORE_CONFIGURED_ENDPOINT_URLS${api ? '' : ' STEPUP_API'}`;
  return [...lines, `unset ${foreign}`, ''].join('\n');
}

/** The other users and the instances, as comments: the whole output remains something to evaluate. */
export async function otherIdentities(world: World, others: AccessKey[]): Promise<string> {
  const users = others.flatMap(({ user, id, secret }) => [
    `# as ${user}:`,
    `#   export AWS_ACCESS_KEY_ID=${quoted(id)} AWS_SECRET_ACCESS_KEY=${quoted(secret)}`,
  ]);
  const instances: string[] = [];
  for (const { id, state } of world.ec2.instances()) {
    const endpoint = await world.imds.endpoint(id);
    instances.push(
      `# on ${id}${state === 'running' ? '' : ` (${state}: its metadata service does not answer)`}:`,
      '#   unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN',
      `#   export AWS_EC2_METADATA_SERVICE_ENDPOINT=${quoted(endpoint)}`,
    );
  }
  return [...users, ...instances].map((line) => `${line}\n`).join('');
}

const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
