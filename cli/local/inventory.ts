import type { GetRoleResponse, InstanceProfile, Role } from '@aws-sdk/client-iam';
import type { ExecutionListItem, StateMachineListItem } from '@aws-sdk/client-sfn';
import type { World } from '../../local';
import { all } from './listing';
import { listThings, type Things } from './things';

/** What an account holds at one moment. */
export interface Inventory {
  /** Epoch ms of the account's clock. */
  at: number;
  things: Things;
  /** By instance: the name of its profile, or none. */
  profiles: Map<string, string | undefined>;
  /** Temp roles and temp profiles of elevations: StepUp's own, and not among the things. */
  elevations: Elevation[];
  /** Names of executions, with their machines. */
  running: string[];
}

export interface Elevation {
  /** Of role and profile. */
  name: string;
  instanceId: string;
  /** The tag stepup:delete-after of a role that drains. */
  drainsUntil?: string;
  /** The profile marks the instance as busy. */
  marked: boolean;
}

const ELEVATIONS = '/stepup/elevations/';

interface HasPath {
  Path: string | undefined;
}
const ofElevation = ({ Path }: HasPath) => Path?.startsWith(ELEVATIONS) ?? false;
const lasting = (it: HasPath) => !ofElevation(it);
const instanceOf = ({ Path = '' }: HasPath) => Path.slice(ELEVATIONS.length).split('/')[0] as string;

export async function takeInventory(world: World): Promise<Inventory> {
  const roles = await all<Role>(world, 'iam', 'ListRoles', 'Roles');
  const profiles = await all<InstanceProfile>(world, 'iam', 'ListInstanceProfiles', 'InstanceProfiles');
  const things = await listThings(world, roles.filter(lasting), profiles.filter(lasting));
  return {
    at: world.clock.now(),
    things,
    profiles: new Map([...things.instance.keys()].map((id) => [id, profileOf(world, id)])),
    elevations: await listElevations(world, roles.filter(ofElevation), profiles.filter(ofElevation)),
    running: await listRunning(world),
  };
}

function profileOf({ ec2 }: World, id: string): string | undefined {
  const attachment = ec2.attachment(id);
  return attachment && 'profileArn' in attachment ? attachment.profileArn.split('/').at(-1) : undefined;
}

async function listElevations(world: World, roles: Role[], profiles: InstanceProfile[]): Promise<Elevation[]> {
  const instances = new Map([
    ...roles.map((role) => [role.RoleName as string, instanceOf(role)] as const),
    ...profiles.map((profile) => [profile.InstanceProfileName as string, instanceOf(profile)] as const),
  ]);
  const elevations: Elevation[] = [];
  for (const [name, instanceId] of instances) {
    const marked = profiles.some(({ InstanceProfileName }) => InstanceProfileName === name);
    const drainsUntil = roles.some(({ RoleName }) => RoleName === name) ? await deleteAfter(world, name) : undefined;
    elevations.push({ name, instanceId, marked, ...(drainsUntil && { drainsUntil }) });
  }
  return elevations;
}

async function deleteAfter(world: World, RoleName: string): Promise<string | undefined> {
  const { Role }: GetRoleResponse = await world.asRoot('iam', 'GetRole', { RoleName });
  return Role?.Tags?.find(({ Key }) => Key === 'stepup:delete-after')?.Value;
}

async function listRunning(world: World): Promise<string[]> {
  const running: string[] = [];
  const machines = await all<StateMachineListItem>(world, 'states', 'ListStateMachines', 'stateMachines');
  for (const { name, stateMachineArn } of machines) {
    const input = { stateMachineArn, statusFilter: 'RUNNING' };
    const executions = await all<ExecutionListItem>(world, 'states', 'ListExecutions', 'executions', input);
    running.push(...executions.map((execution) => `${name}: ${execution.name}`));
  }
  return running;
}
