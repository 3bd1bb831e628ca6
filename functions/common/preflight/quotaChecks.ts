import { bind, expiring, type PolicyDocument } from '../../../state-machine/catalogue';
import { iso } from '../clock';
import { instanceArn, parseExecution } from '../names';
import { grantPolicy, SSM_CORE_POLICIES } from '../policies';
import { RESERVED_TAGS, recordTags, STATE_TAGS } from '../record';
import { outputOf } from '../request';
import { requesterOf } from '../requester';
import { type InstanceCheck, refuse } from './check';
import { inherited, type Subject } from './subject';

/** Tags of the temp role: the original's, where they are taken over, and the record's, which grow with the length of names. */
async function tagsNeeded({ request, deps, execution, attached, role }: Subject): Promise<number> {
  const found = await role();
  const current = await attached();
  const original =
    current && found
      ? {
          profileArn: current.profileArn,
          profileId: current.profileId,
          roleArn: found.Arn ?? '',
          roleId: found.RoleId ?? '',
        }
      : null;
  const record = recordTags({
    execution: execution.Id,
    started: execution.StartTime,
    instanceArn: instanceArn(parseExecution(execution.Id), request.instanceId),
    original,
    grant: request.grant,
    requester: requesterOf(request),
    expires: iso(deps.clock.now()),
  });
  const inheritedTags =
    request.baseline === 'inherit' ? (found?.Tags ?? []).filter(({ Key }) => !RESERVED_TAGS.test(Key ?? '')) : [];
  return inheritedTags.length + record.length + STATE_TAGS;
}

export const room: InstanceCheck = {
  id: 'room',
  title: 'Baseline and grant fit into one role',
  run: async (subject) => {
    const { request, deps } = subject;
    const limits = await subject.quotas();
    const { inline, managed } = await inherited(subject);
    const within = (what: string, need: number, quota: number | undefined) => {
      if (quota !== undefined && need > quota) {
        refuse(
          'QuotaExceeded',
          `The temp role would need ${need} ${what}, IAM allows ${quota}: ask with "baseline": "core", or slim the original role.`,
        );
      }
    };
    const granted = grantPolicy(deps.catalogue, request, outputOf(request, deps.config));
    const own = [JSON.stringify(expiring(bindable(granted), iso(deps.clock.now())))];
    if (!managed.some(({ arn }) => SSM_CORE_POLICIES.some((name) => arn.endsWith(`/${name}`))))
      own.push(JSON.stringify(bindable(deps.catalogue.core)));
    // aws-facts-2 15.5: white space does not count.
    const size = [...own, ...inline.map(({ document: policy }) => policy)].reduce(
      (sum, policy) => sum + policy.replace(/\s/g, '').length,
      0,
    );
    within('attached policies', managed.length, limits.AttachedPoliciesPerRoleQuota);
    within('characters of inline policies', size, limits.RolePolicySizeQuota);
    within('tags', await tagsNeeded(subject), 50);
  },
};

export const accountQuota: InstanceCheck = {
  id: 'account-quota',
  title: 'The account has room for one more role and profile',
  run: async ({ quotas }) => {
    const limits = await quotas();
    const full = (['Roles', 'InstanceProfiles'] as const).find(
      (what) => (limits[what] ?? 0) >= (limits[`${what}Quota`] ?? Number.POSITIVE_INFINITY),
    );
    if (full)
      refuse(
        'QuotaExceeded',
        `The account's quota of ${full} is used up (${limits[full]}): drained roles go after some hours; or ask AWS for more.`,
      );
  },
};

/** Longest that partition, region and account can be: a size that holds wherever the grant is used. */
const bindable = (policy: PolicyDocument): PolicyDocument =>
  bind(policy, { partition: 'aws-us-gov', region: 'ap-southeast-0', account: '0'.repeat(12) });
