import type { Assumptions } from '../../local/world';
import { INSTANCE } from '../support/deployed';
import { Arena } from './arena';
import { Director, type Site } from './director';
import { moments } from './moments';
import { SCENARIOS, varied } from './scenarios';
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
  const plain = SCENARIOS[schedule.scenario];
  if (!plain) throw new Error(`There is no scenario '${schedule.scenario}': ${Object.keys(SCENARIOS).join(', ')}.`);
  const scenario = varied(plain, schedule.seed);
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
    if (!isQuiet(arena)) void arena.sweep();
    clock.after(SWEEP_EVERY_MS, tick);
  };
  clock.after(SWEEP_EVERY_MS / 2, tick);
  await Promise.all(
    starts.map(async (seconds, index) => {
      await clock.sleep(seconds * 1_000);
      await arena.start('abc'.charAt(index));
    }),
  );
  await Promise.race([settled(arena, director), clock.sleep(LONGEST_MS)]);
  await drain(arena);
  over = true;
  trace.end = await look(arena);
}

const MINUTE_MS = 60_000;
/** Restore's own attempts are half a day; what waits longer, for an instance to be started say, waits for a person. */
const LONGEST_MS = 20 * 60 * MINUTE_MS;

/** Resolves when everything has ended and sweep has had its chance. */
async function settled(arena: Arena, director: Director): Promise<void> {
  const { clock } = arena;
  for (let chance = 0; chance <= CHANCES; chance += 1) {
    await arena.idle();
    while (director.pending > 0) {
      await clock.sleep(MINUTE_MS);
      await arena.idle();
    }
    if (isQuiet(arena)) return;
    await clock.sleep(SWEEP_EVERY_MS);
  }
}

/** Temp roles and profiles as all calls so far have made them: IAM's own lists may lag. */
const standing = ({ trace }: Arena) => moments(trace, null).at(-1)?.after ?? { roles: {}, profiles: [] };

/** Is nothing left but roles that drain? */
function isQuiet(arena: Arena): boolean {
  const { roles, profiles } = standing(arena);
  const drain = Object.values(roles).every(({ tags }) => tags['stepup:delete-after'] !== undefined);
  return !arena.isBusy() && drain && profiles.length === 0;
}

/** Lets the drain pass, in which sweep would only look on, and sweep come by until nothing is left. */
async function drain(arena: Arena): Promise<void> {
  const { clock } = arena;
  for (let chance = 0; chance < 4; chance += 1) {
    await clock.sleep(2 * MINUTE_MS);
    const { roles, profiles } = standing(arena);
    const times = Object.values(roles).map(({ tags }) => Date.parse(tags['stepup:delete-after'] ?? '') || 0);
    if (times.length === 0 && profiles.length === 0) return;
    await clock.sleep(Math.max(0, ...times.map((time) => time - clock.now())));
    await arena.sweep();
    await Promise.race([arena.idle(), clock.sleep(SWEEP_EVERY_MS)]);
  }
}

const BELOW = { PathPrefix: '/stepup/elevations/' };

async function look(arena: Arena): Promise<End> {
  const { world, clock } = arena;
  const { Roles } = await world.asRoot('iam', 'ListRoles', BELOW);
  const { InstanceProfiles } = await world.asRoot('iam', 'ListInstanceProfiles', BELOW);
  const { IamInstanceProfileAssociations: all } = await world.asRoot(
    'ec2',
    'DescribeIamInstanceProfileAssociations',
    {},
  );
  const { Commands } = await world.asRoot('ssm', 'ListCommands', {
    InstanceId: INSTANCE,
    Filters: [{ key: 'ExecutionStage', value: 'Executing' }],
  });
  const [one] = all.filter(
    ({ InstanceId, State }: { InstanceId: string; State: string }) =>
      InstanceId === INSTANCE && State !== 'disassociating',
  );
  return {
    at: clock.now(),
    roles: Roles.map(({ RoleName }: { RoleName: string }) => RoleName),
    profiles: InstanceProfiles.map(({ InstanceProfileName }: { InstanceProfileName: string }) => InstanceProfileName),
    attached: one
      ? { profileArn: one.IamInstanceProfile.Arn, profileId: one.IamInstanceProfile.Id, state: one.State }
      : null,
    instance: world.ec2.instance(INSTANCE)?.state ?? 'gone',
    executing: Commands.filter(({ Comment }: { Comment?: string }) => Comment !== 'theirs').length,
  };
}
