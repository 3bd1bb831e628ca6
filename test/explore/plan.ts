import { ACTS } from './acts';
import { CALL_FAULTS } from './callFaults';
import { INVOCATION_FAULTS, type Site } from './director';
import { play } from './play';
import { oneOf, randomOf } from './random';
import { SCENARIOS, type Scenario } from './scenarios';
import type { Fault, Schedule } from './schedule';

/** What somebody wants to see explored. */
export interface Wanted {
  kind: 'singles' | 'pairs' | 'random';
  /** Of random schedules, for each set of assumptions. */
  count: number;
  seed: number;
  worlds: WorldsWanted[];
}

/** Which scenarios are played, and which assumptions do not hold meanwhile. */
export interface WorldsWanted {
  scenarios: string[];
  not: string[];
}

/** Each `of`-th schedule, from the one at `index` on. */
export interface Share {
  index: number;
  of: number;
}

/** The schedules of an exploration, always the same and in the same order. */
export type Plan = (share: Share) => AsyncIterable<Schedule>;

export function planned({ kind, count, seed, worlds }: Wanted): Plan {
  return async function* (share) {
    const isMine = counter(share);
    for (const { scenarios, not } of worlds) {
      const names = kind === 'random' ? [] : scenarios;
      for (const scenario of names) {
        for (const schedule of await singles({ scenario, not, seed: 0, faults: [] })) {
          if (!isMine()) continue;
          if (kind === 'singles') yield schedule;
          else yield* await followers(schedule);
        }
      }
      const storms = kind === 'random' ? count : 0;
      for (let number = 0; number < storms; number += 1) {
        if (isMine()) yield await storm(scenarios, not, seed * 100_000 + number);
      }
    }
  };
}

function counter({ index, of }: Share): () => boolean {
  let position = -1;
  return () => {
    position += 1;
    return position % of === index;
  };
}

/** States that invoke a function. */
const TASK =
  /\.(recovery:)?(CaptureProfile|RehearseUndo|CreateTempRole|SwapProfile|WaitAssociated|ProveIdentity|Hold|SendScript|AwaitScript|Restore)#/;

/** Every fault that can be put at a place. */
function faultsAt({ name, operation }: Site): Fault[] {
  // Elsewhere a release stops the run, as `stop` does.
  const acts = Object.keys(ACTS).filter((act) => act !== 'release' || /\.Hold#/.test(name));
  const kinds = operation
    ? Object.keys(CALL_FAULTS)
    : [...acts, ...(TASK.test(name) ? Object.keys(INVOCATION_FAULTS) : [])];
  return kinds.map((kind) => ({ site: name, kind }));
}

/** Where a scenario wants its faults: see there. */
function isMeant({ scenario }: Schedule, site: Site): boolean {
  const { calls = () => true, visits = () => true } = SCENARIOS[scenario] as Scenario;
  return site.operation ? calls(site) : visits(site);
}

/** Every schedule of a scenario with exactly one fault, and first the one without. */
async function singles(plain: Schedule): Promise<Schedule[]> {
  const { sites } = await play(plain);
  const faults = sites.filter((site) => isMeant(plain, site)).flatMap(faultsAt);
  return [plain, ...faults.map((fault) => ({ ...plain, faults: [fault] }))];
}

/** Every schedule that adds to one with one fault a second, at its place or at one that it comes by later. */
async function followers(schedule: Schedule): Promise<Schedule[]> {
  const [first] = schedule.faults;
  if (!first) return [];
  const { sites } = await play(schedule);
  const from = sites.findIndex(({ name }) => name === first.site);
  const seconds = sites
    .slice(from)
    .filter((site) => isMeant(schedule, site))
    .flatMap(faultsAt);
  // At the same place each two kinds once.
  const same = seconds.findIndex(({ site, kind }) => site === first.site && kind === first.kind);
  return seconds.slice(same + 1).map((fault) => ({ ...schedule, faults: [first, fault] }));
}

const MOST_FAULTS = 6;
const pools = new Map<string, Fault[]>();

/** Faults at all places that a scenario comes by, undisturbed and when it is stopped half-way. */
async function poolOf(scenario: string): Promise<Fault[]> {
  const known = pools.get(scenario);
  if (known) return known;
  const plain: Schedule = { scenario, not: [], seed: 0, faults: [] };
  const stopped = { ...plain, faults: [{ site: 'a.AwaitScript#1', kind: 'stop' }] };
  const sites = [...(await play(plain)).sites, ...(await play(stopped)).sites];
  const pool = [...new Map(sites.map((site) => [site.name, site])).values()].flatMap(faultsAt);
  pools.set(scenario, pool);
  return pool;
}

/** Two to six faults anywhere, in a world whose times and delays the seed draws, too. */
async function storm(scenarios: string[], not: string[], seed: number): Promise<Schedule> {
  const random = randomOf(seed);
  const scenario = oneOf(random, scenarios);
  const pool = await poolOf(scenario);
  const faults = Array.from({ length: 2 + Math.floor(random() * (MOST_FAULTS - 1)) }, () => oneOf(random, pool));
  return { scenario, not, seed, faults };
}
