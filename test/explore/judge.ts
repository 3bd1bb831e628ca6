import { cost, measure } from './cost';
import { play } from './play';
import { CHECKS } from './promises';
import { SCENARIOS, type Scenario, varied } from './scenarios';
import { type Schedule, show } from './schedule';
import { storyOf } from './story';
import type { Trace } from './trace';

/** What became of one schedule. */
export interface Verdict {
  schedule: string;
  broken: { promise: number; says: string; what: string }[];
  /** How each elevation ended: 'SUCCEEDED', 'FAILED InstanceBusy'. */
  ends: string[];
  restoredBy: RestoredBy;
  /** The fault's place was never come by. */
  missed: boolean;
}

export type RestoredBy = 'itself' | 'recover' | 'sweep' | 'nothing to undo';

/** Plays a schedule, and holds every promise against what happened. */
export async function judge(schedule: Schedule): Promise<Verdict & { trace: Trace }> {
  const played = measure('total');
  const { trace, missed } = await play(schedule);
  const judged = measure('judging');
  const scenario = varied(SCENARIOS[schedule.scenario] as Scenario, schedule.seed);
  const story = storyOf(trace, scenario);
  const broken = CHECKS.flatMap(({ promise, says, broken }) => broken(story).map((what) => ({ promise, says, what })));
  judged();
  played();
  cost.schedules += 1;
  cost.calls += trace.calls.length;
  return {
    schedule: show(schedule),
    broken,
    ends: trace.elevations.map(({ status, error }) => (error ? `${status} ${error}` : status)),
    restoredBy: restoredBy(trace),
    missed: missed.length > 0,
    trace,
  };
}

function restoredBy({ calls, recoveries }: Trace): RestoredBy {
  if (!calls.some(({ operation, error, by }) => by && operation === 'CreateRole' && !error)) return 'nothing to undo';
  if (recoveries.length === 0) return 'itself';
  const starts = calls.filter(({ operation, by }) => operation === 'StartExecution' && by);
  return starts.some(({ by }) => by?.place === 'recover') ? 'recover' : 'sweep';
}
