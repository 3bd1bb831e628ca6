import { isDeepStrictEqual } from 'node:util';
import { type IAMClient, paginateListRoles } from '@aws-sdk/client-iam';
import { covers, globOf } from '../../state-machine/patterns';
import { z } from '../../state-machine/schema';
import { translate } from '../common/awsErrors';
import type { Deps } from '../common/lambda';
import { nameOf } from '../common/names';
import { keepPace, pace } from '../common/pace';
import { parseRecord, readRole, type StoredRecord, stateOf } from '../common/record';
import { type Answer, type Put, type Release, type Request, releaseSchema } from './event';

/** As modestly as sweep: IAM shares its limits among all callers of the account. */
const CALLS_PER_SECOND = 20;
const AT_ONCE = 5;
/** The function has five minutes; a call of AWS that is never answered takes up to half a minute. */
const BUDGET_MS = 240_000;
/** An answer has at most 4,096 bytes. */
const LONGEST_REASON = 2_000;
/** So many are named. */
const SHOWN = 5;
/**
 * A function runs for at most 60 s and starts within seconds of its Task: so long after the elevation machine was deleted,
 * none of its runs can make a role any more, and what was made is seen.
 */
const STRAGGLERS_MS = 75_000;

type Dependencies = Deps<{ iam: IAMClient }>;

/** A temp role, as its ARN tells of it. */
interface TempRole {
  name: string;
  instanceId: string;
}

/** Says no to CloudFormation: the reason is shown as it is. */
class Refused extends Error {}

/**
 * A custom resource's function. Refuses what would take a ceiling, a restorable role, the path or the machine from a run
 * that still has to be undone, and to delete the stack while any temp role is there. It always answers, also when it fails:
 * CloudFormation would wait for an hour.
 *
 * Runs may start while CloudFormation works. Another id or path is therefore asked about twice, first and last of the
 * update: the last refusal still rolls everything back. Between it and the end of the former machine, in CloudFormation's
 * clean-up, which nothing rolls back, are seconds in which a run that starts is left to nobody. A deletion is asked about
 * twice, too: the second time no run can start any more, and all that recovers is still there.
 *
 * What a refusal takes back is asked about, too: an Update to the former properties takes nothing from anybody. A run
 * that begins between the answer and the change of Restore's role is refused by its own rehearsal. Unconfirmed: IAM's
 * lists may lag for seconds.
 */
export async function guardRelease(request: Request, deps: Dependencies, put: Put): Promise<Answer> {
  const reason = await refusal(request, deps);
  const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = LogicalResourceId } = request;
  const answer: Answer = {
    Status: reason === undefined ? 'SUCCESS' : 'FAILED',
    Reason: (reason ?? 'Nothing is taken from anybody.').slice(0, LONGEST_REASON),
    ...{ PhysicalResourceId, StackId, RequestId, LogicalResourceId },
  };
  deps.log.info('answered', { request: request.RequestType, status: answer.Status, reason: answer.Reason });
  await put(request.ResponseURL, answer);
  return answer;
}

async function refusal(request: Request, deps: Dependencies): Promise<string | undefined> {
  try {
    keepPace(deps.iam, pace(deps.clock, CALLS_PER_SECOND));
    await check(request, deps);
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    const { name, message } = translate(error);
    return `Whether a run would lose what it needs could not be found out: ${name}: ${message} Try again.`;
  }
}

async function check({ RequestType, ResourceProperties, OldResourceProperties }: Request, deps: Dependencies) {
  if (RequestType === 'Create') return;
  const now = read(ResourceProperties);
  if (RequestType === 'Delete') return checkDelete(now, deps);
  if (now.Guards === 'closing') return;
  const before = read(OldResourceProperties);
  if (!isDeepStrictEqual(identity(before), identity(now))) {
    return requireNoRoles(before, deps.iam, `As '${now.Deployment}' this stack would not know them any more`);
  }
  // Asked once: a run that starts later is refused by its own rehearsal.
  if (now.Guards === 'upgrade' && !isCovered(before.RestorableRoles, now.RestorableRoles)) {
    await requireRestorable(now, deps);
  }
}

const identity = ({ Deployment, ElevationsPath, CeilingsPath, Machine }: Release): string[] => [
  ...[Deployment, ElevationsPath, CeilingsPath, Machine],
];

async function checkDelete(release: Release, { iam, clock }: Dependencies): Promise<void> {
  if (release.Guards === 'upgrade') return;
  if (release.Guards === 'removal')
    return requireNoRoles(release, iam, "Deleting this stack would leave them to nobody's care");
  await clock.sleep(STRAGGLERS_MS);
  await requireNoRoles(
    release,
    iam,
    'No run can start any more, and what recovers them is still there: going on would delete that, too',
  );
}

/** @throws Refused when they are not as this release or an earlier one writes them */
function read(properties: unknown): Release {
  const { success, data, error } = releaseSchema.safeParse(properties);
  if (success) return data;
  throw new Refused(`These properties are not understood: ${z.prettifyError(error)}`);
}

const isCovered = (before: string[], now: string[]): boolean =>
  before.every((pattern) => now.some((wider) => covers(wider, pattern)));

async function listTempRoles(iam: IAMClient, { ElevationsPath, Deployment }: Release): Promise<TempRole[]> {
  const found: TempRole[] = [];
  const pages = paginateListRoles({ client: iam, pageSize: 1_000 }, { PathPrefix: ElevationsPath });
  for await (const { Roles = [] } of pages) {
    for (const { Arn = '' } of Roles) {
      // arn:aws:iam::ACCOUNT:role/stepup/elevations/INSTANCE/DEPLOYMENT/NAME
      const [instanceId = '', deployment] = Arn.slice(Arn.indexOf(ElevationsPath) + ElevationsPath.length).split('/');
      if (deployment === Deployment) found.push({ name: nameOf(Arn), instanceId });
    }
  }
  return found;
}

async function requireNoRoles(release: Release, iam: IAMClient, why: string): Promise<void> {
  const roles = await listTempRoles(iam, release);
  if (roles.length === 0) return;
  const shown = roles.slice(0, SHOWN).map(({ name, instanceId }) => `${name} (${instanceId})`);
  throw new Refused(
    `${roles.length} temp role${roles.length > 1 ? 's' : ''} of '${release.Deployment}' ${roles.length > 1 ? 'are' : 'is'} ` +
      `left: ${some(shown, roles.length)}. ${why}. Look at them with 'stepup drains'; wait until their runs have ended and ` +
      "they have drained, or end the drain with 'stepup drains end --all'; then try again.",
  );
}

/** Every run that is not closed must still be able to give its original back. Those that drain have done so. */
async function requireRestorable({ RestorableRoles, ...release }: Release, deps: Dependencies): Promise<void> {
  const end = deps.clock.now() + BUDGET_MS;
  const allowed = RestorableRoles.map((pattern) => globOf(pattern));
  const queue = await listTempRoles(deps.iam, { RestorableRoles, ...release });
  const refused: string[] = [];
  const worker = async () => {
    for (let role = queue.shift(); role; role = queue.shift()) {
      if (deps.clock.now() > end)
        throw new Refused(`There was no time to look at ${queue.length + 1} temp roles. Try again.`);
      const reason = await whyNot(role, allowed, deps.iam);
      if (reason) refused.push(reason);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (refused.length > 0) throw new Refused(some(refused.sort().slice(0, SHOWN), refused.length, ' '));
}

async function whyNot({ name, instanceId }: TempRole, allowed: RegExp[], iam: IAMClient): Promise<string | undefined> {
  const role = await readRole(iam, name);
  if (!role || stateOf(role).state === 'draining') return undefined;
  let record: StoredRecord;
  try {
    record = parseRecord(role);
  } catch (error) {
    return `The record of ${name}, on ${instanceId}, cannot be read, so that nobody can say which role it needs: ${(error as Error).message} See RecordTampered in the runbook.`;
  }
  const { execution, original } = record;
  if (!original || allowed.some((pattern) => pattern.test(original.roleArn))) return undefined;
  return `Run ${execution} must give ${original.roleArn} back to ${instanceId}, and the new restorableRoles do not have it: add it, or wait until the run has ended, or stop the run; then deploy again.`;
}

const some = (shown: string[], count: number, separator = ', '): string =>
  count > shown.length ? `${shown.join(separator)}${separator}and ${count - shown.length} more` : shown.join(separator);
