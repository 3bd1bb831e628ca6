import {
  DeletePolicyCommand,
  GetPolicyCommand,
  type IAMClient,
  type Policy,
  paginateListPolicies,
  TagPolicyCommand,
} from '@aws-sdk/client-iam';
import { ceilingPath } from '../../state-machine/catalogue';
import { isAws } from '../common/awsErrors';
import { iso } from '../common/clock';
import { SLOT_MS } from './rhythm';
import { type Dependencies, PAGE } from './survey';
import type { Swept } from './swept';

/** On the policy itself: since when nothing needs it. Empty where something needs it again, for nobody may untag. */
const UNUSED_SINCE = 'stepup:unused-since';

/**
 * A run of an earlier release may wait 24 h for its instance (waitForInstanceMinutes) before it makes a role under the ceiling
 * of that release. Its Tasks up to there, with all their retries, take 40 min; a machine that was updated may start a run of
 * its former definition for a moment; and a look is an hour from the next.
 */
const UNWANTED_MS = 26 * 60 * 60_000;

/** The first turn of every hour. */
export const isTurnForCeilings = (now: number): boolean => Math.floor(now / SLOT_MS) % 4 === 0;

/**
 * Deletes the ceilings of earlier releases, of this stack or of one before it, that no role wears and no run can want any
 * more. Each release retains its own: only afterwards does anybody know that they are not needed.
 */
export async function sweepCeilings(deps: Dependencies, swept: Swept): Promise<void> {
  const { iam, config } = deps;
  const listed = new Set(Object.values(config.ceilings));
  // Every release has ceilings: one that knows of none would take its own for unwanted.
  if (listed.size === 0) return;
  const wanted = { Scope: 'Local', PathPrefix: ceilingPath(config.deployment) } as const;
  for await (const { Policies = [] } of paginateListPolicies({ client: iam, pageSize: PAGE }, wanted)) {
    for (const policy of Policies) {
      const name = policy.PolicyName ?? '';
      try {
        if (listed.has(name)) await need(policy, iam);
        else if (!isUsed(policy) && (await isUnwanted(policy, deps))) swept.ceilings.push(name);
      } catch (error) {
        // Worn again, or with versions that somebody added: it stays. Or gone: another sweep was faster.
        if (!isAws(error, 'DeleteConflict') && !isAws(error, 'NoSuchEntity')) throw error;
      }
    }
  }
}

const isUsed = ({ AttachmentCount = 0, PermissionsBoundaryUsageCount = 0 }: Policy): boolean =>
  AttachmentCount + PermissionsBoundaryUsageCount > 0;

/** A release that was rolled back may have taken this one's ceilings for unused: its word must not count years later. */
async function need({ Arn }: Policy, iam: IAMClient): Promise<void> {
  if (await unusedSince(Arn, iam)) await mark(Arn, '', iam);
}

/** Deletes it if it has been unused for long enough; remembers since when it is. */
async function isUnwanted({ Arn }: Policy, { iam, clock }: Dependencies): Promise<boolean> {
  const since = Date.parse((await unusedSince(Arn, iam)) ?? '');
  if (Number.isNaN(since)) {
    await mark(Arn, iso(clock.now()), iam);
    return false;
  }
  if (clock.now() - since < UNWANTED_MS) return false;
  await iam.send(new DeletePolicyCommand({ PolicyArn: Arn }));
  return true;
}

/** Lists do not show tags. */
async function unusedSince(PolicyArn: string | undefined, iam: IAMClient): Promise<string | undefined> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  return Policy?.Tags?.find(({ Key }) => Key === UNUSED_SINCE)?.Value;
}

const mark = (PolicyArn: string | undefined, Value: string, iam: IAMClient) =>
  iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: UNUSED_SINCE, Value }] }));
