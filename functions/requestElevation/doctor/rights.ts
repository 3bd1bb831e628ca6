import type { PolicyDocument } from '../../../state-machine/catalogue';
import { listOf } from '../../../state-machine/patterns';
import { ec2Principal } from '../../common/policies';
import type { Evidence } from './evidence';
import { type Answer, ASK_FOR_CORE, type Examination, ofOriginal, ofThePreflight, ok, warning } from './examination';
import { type Judgement, judge } from './judgement';
import { attachCore, newProfile, showPolicy } from './remedies';

const AGENTS = /^(ssm|ssmmessages|ec2messages):/;
/** Without these no agent works; newer ones do without ec2messages (aws-facts 3.4). */
const VITAL = /^(ssmmessages:|ssm:UpdateInstanceInformation$)/;

/** What the agent does, as baseline `core` has it. */
const agentActions = (core: PolicyDocument): string[] =>
  core.Statement.filter(({ Resource }) => listOf(Resource).includes('*'))
    .flatMap(({ Action }) => listOf(Action))
    .filter((action) => AGENTS.test(action));

/** Those of them without which no agent works. */
export const vitalActions = ({ deps }: Evidence): string[] =>
  agentActions(deps.catalogue.core).filter((action) => VITAL.test(action));

/** Each action of the agent, with what the role's policies and its boundary say. Channels of messages are no resources. */
async function judged(evidence: Evidence): Promise<(Judgement & { action: string })[]> {
  const { partition, region, account, instanceId, deps } = evidence;
  const arn = `arn:${partition}:ec2:${region}:${account}:instance/${instanceId}`;
  const [policies, boundary] = await Promise.all([evidence.policies(), evidence.boundary()]);
  return agentActions(deps.catalogue.core).map((action) => {
    const resource = action.startsWith('ssm:') ? arn : '*';
    const own = judge(policies, action, resource);
    const limit = boundary && judge([boundary], action, resource);
    return limit && limit.allowed !== 'yes' && own.allowed !== 'no'
      ? {
          action,
          allowed: limit.allowed,
          by: `not left by the permissions boundary ${boundary.name}`,
          policy: boundary,
        }
      : { action, ...own };
  });
}

export const ssmCore: Examination = {
  id: 'ssm-core',
  check: 'The role allows what SSM Agent needs',
  look: async (evidence) => {
    if (!(await evidence.attached())) return withoutProfile(evidence);
    return ofOriginal('', ofRole)(evidence);
  },
};

async function withoutProfile(evidence: Evidence): Promise<Answer> {
  const { role } = await evidence.hostManagement();
  if (role) return ok(`It has no profile, and Default Host Management is on: its role ${role} is what the agent has.`);
  return warning(
    `It has no profile, and Default Host Management is off in ${evidence.region}: nothing allows the agent anything.`,
    await allowCore(evidence),
  );
}

async function ofRole(evidence: Evidence): Promise<Answer> {
  if (!(await evidence.role())) return ok('There is no role (one-role).');
  const all = await judged(evidence);
  const allowed = all.filter((one) => one.allowed === 'yes');
  const missing = all.filter((one) => one.allowed === 'no');
  const unsure = all.filter((one) => one.allowed === 'perhaps');
  if (missing.length === 0 && unsure.length === 0)
    return ok(`Allowed by ${byWhat(allowed).join(', ')}, as far as IAM shows (an SCP may deny it).`);
  const said = [
    ...(allowed.length > 0
      ? [`${allowed.length} of ${all.length} actions are allowed by ${byWhat(allowed).join(', ')}`]
      : []),
    ...byWhat(missing).map((by) => `${by}: ${actionsBy(by, missing)}`),
    ...byWhat(unsure).map((by) => `on conditions or resources of ${by}: ${actionsBy(by, unsure)}`),
  ];
  const isVital = missing.some(({ action }) => VITAL.test(action));
  const host = isVital ? (await evidence.hostManagement()).role : undefined;
  if (host) return ok(`Not all of it, and Default Host Management is on: its role ${host} is what the agent has.`);
  return warning(
    `${isVital ? 'Not even what every agent needs' : 'Not all of it'}, as far as IAM shows: ${said.join('; ')}.`,
    await toAllow(evidence, [...missing, ...unsure]),
  );
}

type Judged = Awaited<ReturnType<typeof judged>>;

const byWhat = (some: Judged): string[] => [...new Set(some.map(({ by }) => by))];
const actionsBy = (by: string, some: Judged): string =>
  some
    .filter((one) => one.by === by)
    .map(({ action }) => action)
    .join(', ');

/** Attaching a policy does not help against a denial, a boundary or a condition: those are to be looked at. */
async function toAllow(evidence: Evidence, short: Judged): Promise<string[]> {
  const name = (await evidence.role())?.RoleName ?? '';
  const standing = new Set(short.flatMap(({ policy }) => (policy ? [showPolicy(name, policy)] : [])));
  return [
    ...(short.some(({ allowed, policy }) => allowed === 'no' && !policy) ? [attachCore(evidence, name)] : []),
    ...(standing.size > 0 ? ['What stands in the way, to be changed there:', ...standing] : []),
  ];
}

/** To let the instance's own role do what every agent needs, unless it does. */
export async function allowCore(evidence: Evidence): Promise<string[]> {
  if (!(await evidence.attached())) return newProfile(evidence, ec2Principal(evidence.partition));
  if (!(await evidence.role())) return ['Its profile holds no role: see one-role.'];
  const short = (await judged(evidence)).filter(({ action, allowed }) => allowed === 'no' && VITAL.test(action));
  return toAllow(evidence, short);
}

const NO_ROLE = 'It has no profile: there is nothing to inherit.';
const inherited = ({ look, ...examination }: Examination): Examination => ({
  ...examination,
  look: ofOriginal(NO_ROLE, async (evidence) => {
    if (evidence.deps.catalogue.inherit) return look(evidence);
    return ok('Not asked: baseline inherit is switched off in this deployment.');
  }),
});

export const inheritable = inherited(
  ofThePreflight(
    'inheritable',
    async ({ attachedPolicies }) => ok(`All of them: ${(await attachedPolicies()).length}.`),
    async ({ role }) => [`aws iam list-attached-role-policies --role-name ${(await role())?.RoleName}`],
  ),
);

export const boundary = inherited(
  ofThePreflight(
    'boundary',
    () => ok('None.'),
    async ({ role }) => [`aws iam get-role --role-name ${(await role())?.RoleName} --query Role.PermissionsBoundary`],
  ),
);

const ofCeiling = inherited(
  ofThePreflight(
    'ceiling',
    () => ok('It would lose nothing, as far as IAM shows.'),
    async ({ role }) => [
      `aws iam list-attached-role-policies --role-name ${(await role())?.RoleName}`,
      `aws iam list-role-policies --role-name ${(await role())?.RoleName}`,
    ],
  ),
);

/** The preflight's first check refuses what has no ceiling. */
export const ceiling: Examination = {
  ...ofCeiling,
  look: async (evidence) => {
    const { catalogue } = evidence.deps;
    if (catalogue.inherit) return ofCeiling.look(evidence);
    const finding = "Baseline 'inherit', which is the default, is switched off in this deployment.";
    return { status: 'warning', finding, remedy: [ASK_FOR_CORE], error: 'RequestInvalid' };
  },
};
