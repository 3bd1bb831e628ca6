import { GetRoleCommand, type IAMClient, paginateListRoles, type Role, TagRoleCommand } from '@aws-sdk/client-iam';

/** A temp role, as its tags tell of it. */
export interface Drain {
  name: string;
  instanceId: string;
  /** Name of the elevation; '' when the record cannot be read. */
  run: string;
  state: 'open' | 'restoring' | 'draining';
  /** ISO 8601; '' while it does not drain. */
  until: string;
}

const PATH = '/stepup/elevations/';
/** IAM's limits are those of the whole account. */
const AT_ONCE = 5;

/** Every temp role of the deployment, those that drain the longest first. */
export async function listDrains(client: IAMClient, deployment: string): Promise<Drain[]> {
  const listed: { name: string; instanceId: string }[] = [];
  for await (const { Roles = [] } of paginateListRoles({ client, pageSize: 1_000 }, { PathPrefix: PATH })) {
    for (const { Arn = '', RoleName: name = '' } of Roles) {
      // arn:aws:iam::ACCOUNT:role/stepup/elevations/INSTANCE/DEPLOYMENT/NAME
      const [instanceId = '', of] = Arn.slice(Arn.indexOf(PATH) + PATH.length).split('/');
      if (of === deployment) listed.push({ name, instanceId });
    }
  }
  const drains: Drain[] = [];
  for (let at = 0; at < listed.length; at += AT_ONCE) {
    const roles = await Promise.all(listed.slice(at, at + AT_ONCE).map((one) => read(client, one)));
    drains.push(...roles.flatMap((role) => role ?? []));
  }
  return drains.sort((a, b) => (a.until === b.until ? a.name.localeCompare(b.name) : a.until < b.until ? -1 : 1));
}

/** @returns undefined for a role that was deleted meanwhile */
async function read(client: IAMClient, { name, instanceId }: Pick<Drain, 'name' | 'instanceId'>) {
  try {
    const { Role } = await client.send(new GetRoleCommand({ RoleName: name }));
    return Role && { name, instanceId, ...toldBy(Role) };
  } catch (error) {
    if ((error as Error).name.startsWith('NoSuchEntity')) return undefined;
    throw error;
  }
}

function toldBy({ Tags = [] }: Role): Pick<Drain, 'run' | 'state' | 'until'> {
  const tags = new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  // A long value goes on under KEY.2.
  const execution = `${tags.get('stepup:execution') ?? ''}${tags.get('stepup:execution.2') ?? ''}`;
  const state = tags.has('stepup:draining-since')
    ? 'draining'
    : tags.has('stepup:restoring-since')
      ? 'restoring'
      : 'open';
  const until = state === 'draining' ? (tags.get('stepup:delete-after') ?? '') : '';
  return { run: execution.slice(execution.lastIndexOf(':') + 1), state, until };
}

/** Sweep deletes it on its next turn, after its own look at the run and at who carries the profile. */
export async function endDrain(client: IAMClient, { name }: Drain, now: number): Promise<void> {
  const Tags = [{ Key: 'stepup:delete-after', Value: new Date(now).toISOString() }];
  await client.send(new TagRoleCommand({ RoleName: name, Tags }));
}
