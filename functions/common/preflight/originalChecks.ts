import { bind, expiring, type PolicyDocument } from '../../../state-machine/catalogue';
import { isProfile } from '../associations';
import { iso } from '../clock';
import { instanceArn, parseExecution } from '../names';
import { grantPolicy, localise, SSM_CORE_POLICIES } from '../policies';
import { RESERVED_TAGS, recordTags, STATE_TAGS } from '../record';
import { outputOf } from '../request';
import { requesterOf } from '../requester';
import { cutActions } from './ceiling';
import { type Check, refuse } from './check';
import type { Subject } from './subject';

/** EKS recognises a node by its role's ARN; with another role it would drop out of its cluster. */
const EKS_TAG = /^(kubernetes\.io\/cluster\/|eks:cluster-name$|aws:eks:cluster-name$)/;

export const original: Check = {
  title: 'The original profile can be given back',
  run: async ({ request, deps, instance, attached, profile, role }) => {
    const { instanceId } = request;
    const eks = (await instance())?.Tags?.find(({ Key }) => EKS_TAG.test(Key ?? ''))?.Key;
    if (eks)
      refuse(
        'OriginalNotRestorable',
        `${instanceId} is an EKS node (tag ${eks}): its cluster knows it by its role. Run the job as a pod with a role of its own.`,
      );
    const current = await attached();
    if (!current) return;
    const found = await profile();
    const here = found && { profileArn: found.Arn ?? '', profileId: found.InstanceProfileId ?? '' };
    if (!here || !isProfile(current, here)) {
      refuse(
        'OriginalNotRestorable',
        `${instanceId} carries ${current.profileArn} (${current.profileId}), which IAM ${here ? 'has made anew since' : 'does not know any more'}: attach a profile that exists, then try again.`,
      );
    }
    const roleArn = found?.Roles?.[0]?.Arn;
    if (!roleArn || !(await role()))
      refuse(
        'OriginalNotRestorable',
        `${current.profileArn} holds no role: add one, or take the profile off the instance.`,
      );
    if (!deps.config.restorableRoles.some((pattern) => matches(pattern, roleArn as string))) {
      refuse(
        'OriginalNotRestorable',
        `This deployment may not pass ${roleArn} back to the instance: add it to restorableRoles and deploy.`,
      );
    }
  },
};

/** `*` stands for any characters and `?` for one, as in IAM's ARNs. */
const matches = (pattern: string, arn: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(arn);

/** The original's policies, where this elevation takes them over. */
async function inherited({ request, inline, managedPolicies }: Subject) {
  if (request.baseline !== 'inherit') return { inline: [], managed: [] };
  return { inline: await inline(), managed: await managedPolicies() };
}

export const inheritance: Check = {
  title: 'The managed policies of the original may be inherited',
  run: async (subject) => {
    const { managed } = await inherited(subject);
    const { inheritablePolicies } = subject.deps.config;
    const others = managed.filter(({ arn }) => !inheritablePolicies.some((pattern) => matches(pattern, arn)));
    if (others.length === 0) return;
    refuse(
      'PolicyNotInheritable',
      `${(await subject.role())?.RoleName} has ${some(others.map(({ arn }) => arn))}, which no temp role of this deployment may have: ask with "baseline": "core", or add ${others.length > 1 ? 'them' : 'it'} to inheritablePolicies and deploy.`,
    );
  },
};

export const ceiling: Check = {
  title: 'The ceiling leaves everything that the original role allows',
  run: async (subject) => {
    const { request, role, deps } = subject;
    if (request.baseline !== 'inherit') return;
    const found = await role();
    const boundary = found?.PermissionsBoundary?.PermissionsBoundaryArn;
    if (boundary) {
      refuse(
        'OriginalHasBoundary',
        `${found?.RoleName} has a permissions boundary (${boundary}), and a role can wear only one: ask with "baseline": "core".`,
      );
    }
    const { inline, managed } = await inherited(subject);
    const policies = [
      ...managed.map(({ document: policy }) => policy),
      ...inline.map(({ document: policy }) => JSON.parse(policy) as PolicyDocument),
    ];
    const { deployment } = deps.config;
    const cut = deps.catalogue.inherit
      ? cutActions(
          bind(localise(deps.catalogue.inherit.policy, parseExecution(subject.execution.Id)), { deployment }),
          policies.map(inTodaysLanguage),
        )
      : [];
    if (cut.length > 0) {
      refuse(
        'CeilingTooLow',
        `While elevated the instance would lose ${some(cut)}, which ${found?.RoleName} allows and StepUp's ceiling does not: ask with "baseline": "core", or give the role a narrower policy; where inheritCeiling is what cuts, widen it and deploy.`,
      );
    }
  },
};

/** The first few. */
const some = (items: string[]): string => `${items.slice(0, 5).join(', ')}${items.length > 5 ? ', …' : ''}`;

/** IAM accepts a single statement without its list; and before 2012-10-17 it knew no variables, so that `${` is text. */
function inTodaysLanguage(policy: PolicyDocument): PolicyDocument {
  const statements = [policy.Statement].flat();
  if (policy.Version === '2012-10-17') return { ...policy, Statement: statements };
  return { ...policy, Statement: JSON.parse(JSON.stringify(statements).replaceAll('${', '?{')) };
}

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

export const quotas: Check = {
  title: "Baseline and grant are within IAM's quotas",
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
