import type { Assumptions } from '../../local/world';
import { INSTANCE } from '../support/deployed';
import { Arena } from './arena';
import { Director, type Site } from './director';
import { SCENARIOS } from './scenarios';
import type { Fault, Schedule } from './schedule';
import type { End, Trace } from './trace';
import { WarmFunctions } from './warm';

/** A schedule, played to its end. */
export interface Played {
  trace: Trace;
  sites: Site[];
  /** Faults whose place was never come by. */
  missed: Fault[];
}

const SWEEP_EVERY_MS = 15 * 60_000;
/** Two hours: what sweep has not put right by then, it never will. */
const CHANCES = 8;

const functions = new WarmFunctions();

/**
 * Plays a schedule: the elevations of its scenario, its faults where they belong, and afterwards sweep, until everything
 * has drained.
 * @throws Error when the schedule names a scenario that does not exist
 */
export async function play(schedule: Schedule): Promise<Played> {
  const scenario = SCENARIOS[schedule.scenario];
  if (!scenario) throw new Error(`There is no scenario '${schedule.scenario}': ${Object.keys(SCENARIOS).join(', ')}.`);
  const director = new Director([...(scenario.always ?? []), ...schedule.faults]);
  const assumptions: Partial<Assumptions> = Object.fromEntries(schedule.not.map((name) => [name, false]));
  const arena = new Arena(scenario, functions, director, { seed: `exploration ${schedule.seed}`, assumptions });
  director.enter(arena);
  await arena.clock.run(perform(arena, director, scenario.starts));
  await arena.aws.close();
  return { trace: arena.trace, sites: director.sites, missed: [...director.missed] };
}

async function perform(arena: Arena, director: Director, starts: number[]): Promise<void> {
  const { clock, trace } = arena;
  await arena.prepare();
  let over = false;
  const tick = async (): Promise<void> => {
    if (over) return;
    if (!(await isQuiet(arena)) || arena.isBusy()) void arena.sweep();
    clock.after(SWEEP_EVERY_MS, tick);
  };
  clock.after(SWEEP_EVERY_MS / 2, tick);
  await Promise.all(
    starts.map(async (seconds, index) => {
      await clock.sleep(seconds * 1_000);
      await arena.start('abc'.charAt(index));
    }),
  );
  const settle = async () => {
    await arena.idle();
    while (director.pending > 0) {
      await clock.sleep(MINUTE_MS);
      await arena.idle();
    }
  };
  await settle();
  for (let chance = 0; chance < CHANCES && !(await isQuiet(arena)); chance += 1) {
    await clock.sleep(SWEEP_EVERY_MS);
    await settle();
  }
  await drain(arena);
  over = true;
  trace.end = await look(arena);
}

const MINUTE_MS = 60_000;
const BELOW = { PathPrefix: '/stepup/elevations/' };

interface Roles {
  Roles: { RoleName: string; Tags?: { Key: string; Value: string }[] }[];
}

async function rolesOf({ world }: Arena) {
  const { Roles }: Roles = await world.asRoot('iam', 'ListRoles', BELOW);
  return Promise.all(
    Roles.map(async ({ RoleName }) => {
      const { Role } = await world.asRoot('iam', 'GetRole', { RoleName });
      const tags = Object.fromEntries(
        (Role.Tags ?? []).map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]),
      );
      return { name: RoleName, deleteAfter: tags['stepup:delete-after'] as string | undefined };
    }),
  );
}

async function profilesOf({ world }: Arena): Promise<string[]> {
  const { InstanceProfiles } = await world.asRoot('iam', 'ListInstanceProfiles', BELOW);
  return InstanceProfiles.map(({ InstanceProfileName }: { InstanceProfileName: string }) => InstanceProfileName);
}

/** Is nothing left but roles that drain? */
async function isQuiet(arena: Arena): Promise<boolean> {
  if (arena.isBusy()) return false;
  const roles = await rolesOf(arena);
  return roles.every(({ deleteAfter }) => deleteAfter !== undefined) && (await profilesOf(arena)).length === 0;
}

/** Lets the drain pass, in which sweep would only look on, and sweep come by until nothing is left. */
async function drain(arena: Arena): Promise<void> {
  const { clock } = arena;
  await clock.sleep(MINUTE_MS);
  for (let chance = 0; chance < 4; chance += 1) {
    const roles = await rolesOf(arena);
    if (roles.length === 0 && (await profilesOf(arena)).length === 0) return;
    const times = roles.map(({ deleteAfter }) => Date.parse(deleteAfter ?? '') || 0);
    await clock.sleep(Math.max(MINUTE_MS, ...times.map((time) => time - clock.now())));
    await arena.sweep();
    await arena.idle();
  }
}

async function look(arena: Arena): Promise<End> {
  const { world, clock } = arena;
  const { IamInstanceProfileAssociations: all } = await world.asRoot(
    'ec2',
    'DescribeIamInstanceProfileAssociations',
    {},
  );
  const { Commands } = await world.asRoot('ssm', 'ListCommands', {
    InstanceId: INSTANCE,
    Filters: [{ key: 'ExecutionStage', value: 'Executing' }],
  });
  const [one] = all.filter(({ State }: { State: string }) => State !== 'disassociating');
  return {
    at: clock.now(),
    roles: (await rolesOf(arena)).map(({ name }) => name),
    profiles: await profilesOf(arena),
    attached: one
      ? { profileArn: one.IamInstanceProfile.Arn, profileId: one.IamInstanceProfile.Id, state: one.State }
      : null,
    instance: world.ec2.instance(INSTANCE)?.state ?? 'gone',
    executing: Commands.length,
  };
}
