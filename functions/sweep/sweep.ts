import { isAws, isDenied, translate } from '../common/awsErrors';
import { keepPace, pace } from '../common/pace';
import { readRole } from '../common/record';
import { runningRecoveries } from '../common/recovery';
import { isTurnForCeilings, sweepCeilings } from './ceilings';
import { sweepLeftover, type Turn } from './leftover';
import { SLOT_MS } from './rhythm';
import { type Dependencies, type Leftover, listElevations, survey } from './survey';
import { Swept } from './swept';
import { rolesUsed } from './watch';

/** Sweep ends well before its 60 s; what it did not come to is next time's beginning. */
const BUDGET_MS = 45_000;
/**
 * IAM does not publish its limits (aws-facts 2.4), and shares them among all callers of the account: 20 a second, one every
 * 50 ms, is modest. Step Functions lets DescribeExecution be called 250 times, and 10 times a second from then on; here it is
 * at most every second call.
 */
export const CALLS_PER_SECOND = 20;
/** So that an answer may take 250 ms before sweep falls behind its pace. */
const AT_ONCE = 5;
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * Finds from AWS alone what was left behind: roles and profiles under the deployment's path. Deletes roles that have
 * drained and profiles that belong to no run, takes a grant that came back, stops runs that do not get on, and starts a
 * recovery for every elevation that ended without restoring: whatever its record says, if an instance still carries its
 * profile; and once an hour, deletes what earlier releases left of their ceilings. Two at once do no harm: each thing is read again before it is done, and done already is done.
 */
export async function sweep(_event: unknown, deps: Dependencies): Promise<Swept> {
  const end = deps.clock.now() + BUDGET_MS;
  const swept = new Swept();
  const common = pace(deps.clock, CALLS_PER_SECOND);
  keepPace(deps.ec2, common);
  keepPace(deps.iam, common);
  keepPace(deps.sfn, common);
  const turn: Turn = {
    deps,
    swept,
    elevations: once((arn) => listElevations(arn, deps)),
    recoveries: once((elevation) => runningRecoveries(deps.sfn, elevation, deps.config.deployment)),
  };

  const leftovers = await survey(deps);
  swept.roles = leftovers.filter(({ role }) => role).length;
  const used = rolesUsed(deps);
  const queue = inOrder(leftovers, Math.floor(deps.clock.now() / SLOT_MS));
  const worker = async () => {
    for (let leftover = queue.shift(); leftover; leftover = queue.shift()) {
      await sweepLeftover(leftover, turn).catch(report(leftover, deps, swept));
      if (deps.clock.now() > end) return;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  swept.left += queue.length;
  if (isTurnForCeilings(deps.clock.now()) && deps.clock.now() <= end) {
    await sweepCeilings(deps, swept).catch(report({ name: 'ceilings' }, deps, swept));
  }
  for (const { name, why } of swept.unexplained) {
    deps.log.warn('unexplained', { role: name, why });
  }
  const RolesUsedPercent = await used;
  deps.log.metrics({ ...swept.metrics(), ...(RolesUsedPercent !== undefined && { RolesUsedPercent }) });
  return swept;
}

/** Asks for the first of whom it is asked, and answers everybody the same. */
function once<Of, Answer>(ask: (of: Of) => Promise<Answer>): (of: Of) => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  return (of) => {
    answer ??= ask(of);
    return answer;
  };
}

/**
 * What marks an instance as busy, or is on one, and the rest take turns: neither keeps the other waiting. Both begin
 * elsewhere each time. Names are hashes, and beginnings by the golden ratio lie evenly among them: few turns reach everybody,
 * however far each comes.
 */
function inOrder(leftovers: Leftover[], turn: number): Leftover[] {
  const beginning = `stepup-${Math.floor(((turn * GOLDEN_RATIO) % 1) * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}`;
  const isUrgent = ({ profile, carriers }: Leftover) => profile !== undefined || carriers.length > 0;
  const rotated = (all: Leftover[]) => [
    ...all.filter(({ name }) => name >= beginning),
    ...all.filter(({ name }) => name < beginning),
  ];
  const sorted = leftovers.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const urgent = rotated(sorted.filter(isUrgent));
  const rest = rotated(sorted.filter((leftover) => !isUrgent(leftover)));
  const longest = Math.max(urgent.length, rest.length);
  return Array.from({ length: longest }, (_, at) => [...urgent.slice(at, at + 1), ...rest.slice(at, at + 1)]).flat();
}

/** One that fails holds up nobody else. */
const report =
  ({ name }: Pick<Leftover, 'name'>, { iam }: Dependencies, swept: Swept) =>
  async (error: unknown): Promise<void> => {
    // Another sweep, or a person, deleted it meanwhile. A role that is gone has no path, so that IAM may deny instead.
    const isGone = async () => (await readRole(iam, name).catch(() => error)) === undefined;
    if (isAws(error, 'NoSuchEntity') || (isDenied(error) && (await isGone()))) return;
    const { name: kind, message } = translate(error);
    if (kind === 'AwsUnavailable' || isAws(error, 'ConcurrentModification')) swept.left += 1;
    else swept.cannotExplain(name, `${kind}: ${message}`);
  };
