import { ACTS } from './acts';
import { CALL_FAULTS } from './callFaults';
import { INVOCATION_FAULTS, type Site } from './director';
import { type Played, play } from './play';
import { SCENARIOS, type Scenario } from './scenarios';
import type { Fault, Schedule } from './schedule';

/** States that invoke a function. */
const TASKS =
  /\.(recovery:)?(CaptureProfile|RehearseUndo|CreateTempRole|SwapProfile|WaitAssociated|ProveIdentity|SendScript|AwaitScript|Restore)#/;

/** Every fault that can be put at a place. */
export function faultsAt({ name, operation }: Site): Fault[] {
  const kinds = operation
    ? Object.keys(CALL_FAULTS)
    : [...Object.keys(ACTS), ...(TASKS.test(name) ? Object.keys(INVOCATION_FAULTS) : [])];
  return kinds.map((kind) => ({ site: name, kind }));
}

const isMeant = ({ calls = () => true, visits = () => true }: Scenario, site: Site): boolean =>
  site.operation ? calls(site) : visits(site);

/** Every schedule of a scenario with exactly one fault, and first the one without. */
export async function singles(scenario: string, not: string[] = []): Promise<Schedule[]> {
  const plain: Schedule = { scenario, not, seed: 0, faults: [] };
  const { sites } = await play(plain);
  const meant = sites.filter((site) => isMeant(SCENARIOS[scenario] as Scenario, site));
  return [plain, ...meant.flatMap(faultsAt).map((fault) => ({ ...plain, faults: [fault] }))];
}

/** Every schedule that adds one more fault, later than the last, to one that was played. */
export function followers(schedule: Schedule, { sites }: Pick<Played, 'sites'>): Schedule[] {
  const last = schedule.faults.at(-1);
  const from = sites.findIndex(({ name }) => name === last?.site);
  return sites
    .slice(from + 1)
    .flatMap(faultsAt)
    .map((fault) => ({ ...schedule, faults: [...schedule.faults, fault] }));
}
