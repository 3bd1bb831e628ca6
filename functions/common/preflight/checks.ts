import { bind, type PolicyDocument } from '../../../state-machine/catalogue';
import { type ErrorName, StepUpError } from '../../../state-machine/errors';
import { isProfile } from '../associations';
import { iso } from '../clock';
import { instanceArn, parseExecution } from '../names';
import { ceilingName, expiring, grantOf, minutesOf, nearest, SSM_CORE_POLICIES } from '../policies';
import { DIRECT_START, RESERVED_TAGS, recordTags, STATE_TAGS } from '../record';
import { commandOf } from '../work';
import { cutActions } from './ceiling';
import type { Subject } from './subject';

/** One question that must be answered well before an elevation may begin. It reads, and changes nothing. */
export interface Check {
  title: string;
  run(subject: Subject): Promise<void>;
}

const refuse = (name: ErrorName, message: string): never => {
  throw new StepUpError(name, message);
};

/** Tag on an instance that lists the grants it may receive. */
export const ENROLMENT_TAG = 'stepup:grants';

/** aws-facts 4.2: its executionTimeout is at most 28,800 s. */
const LONGEST_REMOTE_SCRIPT_MINUTES = 480;

const grant: Check = {
  title: 'The grant exists and allows the duration, the document and the output location',
  run: async ({ request, deps }) => {
    const { maxMinutes, documents } = grantOf(deps.catalogue, request.grant);
    ceilingName(deps.catalogue, request);
    if (request.durationMinutes !== undefined && request.durationMinutes > maxMinutes) {
      refuse(
        'DurationTooLong',
        `Grant '${request.grant}' allows ${maxMinutes} minutes, ${request.durationMinutes} were asked for: ask for less, or raise its maxMinutes and deploy.`,
      );
    }
    const { document } = commandOf(request.work);
    if (document === 'AWS-RunRemoteScript' && (request.durationMinutes ?? 0) > LONGEST_REMOTE_SCRIPT_MINUTES) {
      refuse(
        'DurationTooLong',
        `AWS-RunRemoteScript runs for at most ${LONGEST_REMOTE_SCRIPT_MINUTES} minutes, ${request.durationMinutes} were asked for: use another document.`,
      );
    }
    if (!documents.includes(document)) {
      refuse(
        'DocumentNotAllowed',
        `Grant '${request.grant}' allows ${documents.join(', ')}; '${document}' is not among them. Add it to the grant's documents, or use another grant.`,
      );
    }
    const wanted = request.output?.s3;
    if (
      wanted &&
      !deps.config.outputLocations.some(
        (location) => wanted === location || wanted.startsWith(`${location.replace(/\/$/, '')}/`),
      )
    ) {
      refuse(
        'RequestInvalid',
        `Output may go to ${deps.config.outputLocations.join(', ') || 'no location: none is configured'}; '${wanted}' is not below it. Ask for one of these, or add to outputLocations.`,
      );
    }
  },
};

const enrolment: Check = {
  title: 'The instance exists, is enrolled for the grant, and is running',
  run: async ({ request, instance }) => {
    const { instanceId } = request;
    const found = await instance();
    if (!found)
      return refuse(
        'InstanceNotFound',
        `There is no instance ${instanceId} in this region: check the id and the region.`,
      );
    const tag = found.Tags?.find(({ Key }) => Key === ENROLMENT_TAG)?.Value;
    if (tag === undefined) {
      return refuse(
        'InstanceNotEnrolled',
        `${instanceId} has no tag ${ENROLMENT_TAG}. To enrol it: aws ec2 create-tags --resources ${instanceId} --tags Key=${ENROLMENT_TAG},Value=${request.grant}`,
      );
    }
    const grants = tag.split(/\s+/).filter(Boolean);
    if (!grants.includes(request.grant)) {
      const near = nearest(request.grant, grants);
      refuse(
        'GrantNotAllowedHere',
        `${instanceId} is enrolled for ${grants.join(', ') || 'no grant'}, not for '${request.grant}'${near ? ` (did you mean '${near}'?)` : ''}: add the name to its tag ${ENROLMENT_TAG}.`,
      );
    }
    const state = found.State?.Name;
    if (state !== 'running')
      refuse(
        'InstanceNotRunning',
        `${instanceId} is ${state}: a profile can be swapped only while it runs. Start it and try again.`,
      );
  },
};

const agent: Check = {
  title: 'Systems Manager manages the instance and its agent is connected',
  run: async ({ request, managed, connected }) => {
    const { instanceId } = request;
    if (!(await managed())) {
      refuse(
        'InstanceNotManaged',
        `Systems Manager does not know ${instanceId}: its role needs AmazonSSMManagedInstanceCore (or Default Host Management must be on), and SSM Agent must run on it.`,
      );
    }
    if (!(await connected())) {
      refuse(
        'AgentOffline',
        `SSM Agent on ${instanceId} is not connected: restart it (sudo systemctl restart amazon-ssm-agent), or look at the instance's network.`,
      );
    }
  },
};

const document: Check = {
  title: 'The document exists and takes the parameters',
  run: async ({ request, deps, document: describe }) => {
    const { document: name, parameters } = commandOf(request.work);
    const found = await describe(name);
    if (!found)
      return refuse('DocumentNotFound', `There is no document '${name}' in this account and region: check its name.`);
    if (found.DocumentType && found.DocumentType !== 'Command') {
      refuse(
        'DocumentNotAllowed',
        `'${name}' is a document of type ${found.DocumentType}: only Command documents run on an instance.`,
      );
    }
    const known = (found.Parameters ?? []).map(({ Name = '' }) => Name);
    const unknown = Object.keys(parameters).filter((parameter) => !known.includes(parameter));
    // SSM tells an absent default from an empty one.
    const missing = (found.Parameters ?? []).filter(
      ({ Name = '', DefaultValue }) => DefaultValue === undefined && !(Name in parameters),
    );
    if (unknown.length > 0 || missing.length > 0) {
      refuse(
        'RequestInvalid',
        `'${name}' takes the parameters ${known.join(', ')}. Unknown: ${unknown.join(', ') || 'none'}; missing: ${missing.map(({ Name }) => Name).join(', ') || 'none'}.`,
      );
    }
    const seconds = minutesOf(request, deps.catalogue) * 60;
    const [wanted] = parameters.executionTimeout ?? [];
    if (wanted !== undefined && !(Number(wanted) >= 1 && Number(wanted) <= seconds)) {
      refuse(
        'DurationTooLong',
        `executionTimeout is '${wanted}': give seconds, at most the ${seconds} of durationMinutes, or leave it out.`,
      );
    }
  },
};

/** EKS recognises a node by its role's ARN; with another role it would drop out of its cluster. */
const EKS_TAG = /^(kubernetes\.io\/cluster\/|eks:cluster-name$|aws:eks:cluster-name$)/;

const original: Check = {
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

const ceiling: Check = {
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
    const cut = deps.catalogue.inherit ? cutActions(deps.catalogue.inherit.policy, policies.map(listStatements)) : [];
    if (cut.length > 0) {
      refuse(
        'CeilingTooLow',
        `While elevated the instance would lose ${cut.slice(0, 5).join(', ')}${cut.length > 5 ? ', …' : ''}, which ${found?.RoleName} allows and StepUp's ceiling does not: ask with "baseline": "core", or widen the ceiling.`,
      );
    }
  },
};

/** IAM accepts a single statement without its list. */
const listStatements = (policy: PolicyDocument): PolicyDocument => ({
  ...policy,
  Statement: [policy.Statement].flat(),
});

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
    requester: DIRECT_START,
    expires: iso(deps.clock.now()),
  });
  const inheritedTags =
    request.baseline === 'inherit' ? (found?.Tags ?? []).filter(({ Key }) => !RESERVED_TAGS.test(Key ?? '')) : [];
  return inheritedTags.length + record.length + STATE_TAGS;
}

const quotas: Check = {
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
    const own = [
      JSON.stringify(expiring(bindable(grantOf(deps.catalogue, request.grant).policy), iso(deps.clock.now()))),
    ];
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

/** What must hold of the request and the instance, before it is asked whether the instance is free. */
export const ADMISSION: Check[] = [grant, enrolment];

/** What must hold once the instance is free. */
export const READINESS: Check[] = [agent, document, original, ceiling, quotas];
