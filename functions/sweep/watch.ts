import { GetAccountSummaryCommand, type Role } from '@aws-sdk/client-iam';
import { translate } from '../common/awsErrors';
import { type StoredRecord, stateOf } from '../common/record';
import { OVERDUE_MS, SLOT_MS } from './rhythm';
import type { Dependencies } from './survey';
import type { Swept } from './swept';

/** By then sweep has stopped a run that did not get on, and its recovery has begun: no net has caught what is still open. */
const PAST_EXPIRY_MS = OVERDUE_MS + SLOT_MS;

/** Notes how a run's record stands, before anything is done about it; says the run in every line about its role. */
export function watch(role: Role, record: StoredRecord | undefined, swept: Swept, { clock, log }: Dependencies): void {
  const { state, restoringSince, name } = stateOf(role);
  const now = clock.now();
  if (state === 'restoring') {
    const since = Date.parse(restoringSince ?? '');
    if (Number.isFinite(since)) swept.restoringMs = Math.max(swept.restoringMs, now - since);
  }
  if (!record) return;
  if (state === 'open' && now > Date.parse(record.expires) + PAST_EXPIRY_MS) swept.pastExpiry += 1;
  const { execution, instanceArn, grant, requester } = record;
  log.knowsOf(name, { execution, instanceId: instanceArn.split('/')[1], grant, requester });
}

/** How much of the account's quota of roles is used, in percent; undefined when IAM does not tell: sweep does not fail by that. */
export async function rolesUsed({ iam, log }: Dependencies): Promise<number | undefined> {
  try {
    const { Roles, RolesQuota } = (await iam.send(new GetAccountSummaryCommand({}))).SummaryMap ?? {};
    return Roles !== undefined && RolesQuota ? (100 * Roles) / RolesQuota : undefined;
  } catch (error) {
    log.warn('the quota of roles was not told', { error: translate(error).name });
    return undefined;
  }
}
