import type { Diagnosis, Finding } from '../../../state-machine/api';
import { isErrorName } from '../../../state-machine/errors';
import { translate } from '../../common/awsErrors';
import { agentConnected, managed } from './agent';
import { type Dependencies, type Evidence, gather } from './evidence';
import { type Answer, type Examination, NotTold } from './examination';
import { hostManagement, profileFirst, registration } from './hostManagement';
import { enrolled, instance, running } from './instance';
import { eksNode, namedElsewhere, oneRole, profile, restorable, roleTags, trust } from './original';
import { busy, otherTools } from './others';
import { boundary, ceiling, inheritable, ssmCore } from './rights';
import { accountQuota, room } from './space';

/** API Gateway waits for 29 s: what AWS has not told by then is unknown, and the rest is said. */
const PATIENCE_MS = 14_000;

/** In the order of the preflight, so that the first that fails is what would refuse an elevation. */
export const EXAMINATIONS: Examination[] = [
  ...[instance, enrolled, running, busy],
  ...[managed, agentConnected, hostManagement, profileFirst, registration],
  ...[eksNode, profile, oneRole, trust, ssmCore, restorable],
  ...[inheritable, boundary, ceiling, roleTags, namedElsewhere],
  ...[room, accountQuota, otherTools],
];

/**
 * Why an instance cannot be elevated, or what is worth knowing before it is. All checks of the preflight that are about an
 * instance, for the default request of its grants, and more. Changes nothing; each question is put to AWS once.
 * @param instanceId of an EC2 instance, as state-machine/document.ts has it
 * @throws StepUpError InstanceNotFound
 */
export async function diagnose(instanceId: string, deps: Dependencies): Promise<Diagnosis> {
  const late = deps.clock.sleep(PATIENCE_MS).then(() => {
    throw new NotTold(`AWS has not answered within ${PATIENCE_MS / 1_000} s: ask again.`);
  });
  // It is late for nobody when all have answered.
  late.catch(() => undefined);
  const evidence = await gather(instanceId, deps);
  const findings = await Promise.all(EXAMINATIONS.map((one) => examine(one, evidence, late)));
  return {
    instanceId,
    elevatable: findings.every(({ status }) => status !== 'failed'),
    grants: evidence.enrolled ?? [],
    findings,
  };
}

async function examine({ id, check, look }: Examination, evidence: Evidence, late: Promise<never>): Promise<Finding> {
  const said = await Promise.race([look(evidence), late]).catch((error) => unknown(whyUnknown(error)));
  const { status, finding, remedy = [], error = null } = said;
  return { id, check, status, finding, remedy, error };
}

const unknown = (finding: string): Answer => ({ status: 'unknown', finding });

/** @throws what is neither an answer of AWS nor its silence: a bug */
function whyUnknown(thrown: unknown): string {
  if (thrown instanceof NotTold) return thrown.message;
  const error = translate(thrown);
  if (isErrorName(error.name)) return `${error.name}: ${error.message}`;
  throw error;
}
