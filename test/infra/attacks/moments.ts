import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Credentials } from '../../../local/world';
import type { Arena } from './arena';
import { delivered } from './attackers';
import { ADMINISTRATOR, execution, GRANTED, INSTANCES, machine, PROD, policy } from './places';

const PROPAGATED = 60_000;
const HOUR = 3_600_000;

/** Every elevation of the arena: name, instance, baseline. */
const RUNS = [
  ['run', INSTANCES.core, 'core'],
  ['other-run', INSTANCES.inherit, 'inherit'],
] as const;

const tempOf = ({ world }: Arena, instanceId: string) => {
  const { roleName = '' } = world.imds.credentials(instanceId) ?? {};
  return roleName.startsWith('stepup-') ? roleName : undefined;
};

/** Two elevations, begun by an administrator; ends when their scripts run. */
export async function elevate(arena: Arena): Promise<void> {
  const { world } = arena;
  for (const [name, instanceId, baseline] of RUNS) {
    const work = { shell: ['sleep 3000'] };
    const input = JSON.stringify({ instanceId, grant: 'run-remote-script', work, baseline, durationMinutes: 60 });
    const stateMachineArn = machine(`${PROD}-elevation`);
    await world.asRoot('states', 'StartExecution', { stateMachineArn, name, input });
  }
  await until(arena, () => RUNS.every(([, instanceId]) => tempOf(arena, instanceId))).catch(async (error) => {
    for (const [name] of RUNS) {
      const executionArn = execution(`${PROD}-elevation:${name}`);
      const { error: why, cause } = await world.asRoot('states', 'DescribeExecution', { executionArn });
      error.message += `: ${name} ${why} ${cause}`;
    }
    throw error;
  });
  // The proof is done and the script has begun.
  await world.clock.sleep(2 * PROPAGATED);
}

/** As if createTempRole had gone wrong: whatever the ceilings let through, the temp roles of the runs have. */
export async function letGoWrong(arena: Arena): Promise<void> {
  const { world } = arena;
  for (const [, instanceId] of RUNS) {
    const RoleName = tempOf(arena, instanceId);
    await world.asRoot('iam', 'AttachRolePolicy', { RoleName, PolicyArn: ADMINISTRATOR });
  }
  await world.clock.sleep(PROPAGATED);
}

/** An administrator gives another instance the temp profile of the first run, as well. */
export async function spread(arena: Arena): Promise<void> {
  const { world } = arena;
  const IamInstanceProfile = { Name: tempOf(arena, INSTANCES.core) };
  const InstanceId = INSTANCES.elsewhere;
  await world.asRoot('ec2', 'AssociateIamInstanceProfile', { InstanceId, IamInstanceProfile });
  await until(arena, () => tempOf(arena, InstanceId));
}

/** Credentials of the first run, which worked; returned when it has been restored. */
export async function outlivedRestore(arena: Arena): Promise<Credentials> {
  const held = await working(arena, INSTANCES.core);
  await arena.world.asRoot('states', 'StopExecution', { executionArn: execution(`${PROD}-elevation:run`) });
  await until(arena, () => tempOf(arena, INSTANCES.core) === undefined);
  await arena.clock.sleep(5 * PROPAGATED);
  return held;
}

/** Credentials of the second run, which worked; returned when the grant is over, and nobody was able to restore. */
export async function outlivedExpiry(arena: Arena): Promise<Credentials> {
  const { world, clock } = arena;
  const PolicyDocument = policy({ Effect: 'Deny', Action: '*', Resource: '*' });
  for (const name of ['restore', 'sweep']) {
    await world.asRoot('iam', 'PutRolePolicy', { RoleName: `${PROD}-${name}`, PolicyName: 'dead', PolicyDocument });
  }
  const held = await working(arena, INSTANCES.inherit);
  await clock.sleep(2 * HOUR);
  const { PolicyNames } = await world.asRoot('iam', 'ListRolePolicies', { RoleName: tempOf(arena, INSTANCES.inherit) });
  if (!PolicyNames.includes('stepup-grant')) throw new Error('The grant was taken: its end cannot be seen');
  return held;
}

/** @throws Error of AWS when the grant is not there */
async function working(arena: Arena, instanceId: string): Promise<Credentials> {
  const held = delivered(arena.world, instanceId);
  await arena.hands(held).s3.send(new GetObjectCommand(GRANTED));
  return held;
}

async function until({ clock }: Arena, seen: () => unknown): Promise<void> {
  const begun = clock.now();
  while (!seen()) {
    if (clock.now() - begun > HOUR) throw new Error('It does not come to it');
    await clock.sleep(5_000);
  }
}
