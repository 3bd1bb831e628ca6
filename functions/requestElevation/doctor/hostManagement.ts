import { nameOf } from '../../common/names';
import type { Evidence, HostManagement } from './evidence';
import { type Answer, type Examination, ok, warning } from './examination';
import { judge, trustStatements, trusts } from './judgement';
import {
  attachHostPolicy,
  changeTrust,
  makeHostRole,
  restartAgent,
  SETTING,
  settingArn,
  showPolicy,
  takeOut,
  trustOf,
} from './remedies';
import { allowCore, vitalActions } from './rights';

const SSM = 'ssm.amazonaws.com';
/** aws-facts-2 17.3 */
const FIRST_AGENT = '3.2.582.0';
/** So long the agent may take to turn to Default Host Management (aws-facts 3.4). */
const SETTLING_MS = 30 * 60_000;

const OFF = ({ region }: Evidence): string => `Default Host Management is off in ${region}.`;

function isOlder(version: string, than: string): boolean {
  const [one, other] = [version, than].map((text) => text.split('.').map(Number));
  const place = other?.findIndex((part, at) => part !== (one?.[at] ?? 0)) ?? -1;
  return place >= 0 && (one?.[place] ?? 0) < (other?.[place] ?? 0);
}

interface Lack {
  what: string;
  remedy: string[];
}

/** What the role would have to allow: without it no agent works by it. */
async function lacksRights(evidence: Evidence, role: string): Promise<Lack[]> {
  const policies = await evidence.hostPolicies();
  const short = vitalActions(evidence)
    .map((action) => ({ action, ...judge(policies, action, '*') }))
    .filter(({ allowed }) => allowed === 'no');
  if (short.length === 0) return [];
  const name = nameOf(role);
  const remedy = short.map(({ policy }) => (policy ? showPolicy(name, policy) : attachHostPolicy(evidence, name)));
  const actions = short.map(({ action }) => action).join(', ');
  return [{ what: `its role ${role} does not allow ${actions}`, remedy: [...new Set(remedy)] }];
}

/** What Default Host Management wants and does not have, each with what to do about it. */
async function lacks(evidence: Evidence, role: string): Promise<Lack[]> {
  const { instanceId, managed, instance, hostRole } = evidence;
  const [found, version, tokens] = await Promise.all([
    hostRole(),
    managed().then((information) => information?.AgentVersion),
    instance().then((shown) => shown?.MetadataOptions?.HttpTokens),
  ]);
  return [
    ...(found ? [] : [{ what: `its role ${role} does not exist`, remedy: makeHostRole(evidence, role) }]),
    ...(found && trusts(found, [SSM]) === 'no'
      ? [
          {
            what: `its role ${role} does not trust ${SSM}`,
            remedy: [changeTrust(nameOf(role), [...trustStatements(found), trustOf(SSM)])],
          },
        ]
      : []),
    ...(found ? await lacksRights(evidence, role) : []),
    ...(version && isOlder(version, FIRST_AGENT)
      ? [
          {
            what: `the agent is ${version}, and it wants ${FIRST_AGENT} or later`,
            remedy: [`aws ssm send-command --document-name AWS-UpdateSSMAgent --instance-ids ${instanceId}`],
          },
        ]
      : []),
    ...(tokens === 'required'
      ? []
      : [
          {
            what: `IMDSv2 is ${tokens ?? 'not required'}, and it wants it required`,
            remedy: [`aws ec2 modify-instance-metadata-options --instance-id ${instanceId} --http-tokens required`],
          },
        ]),
  ];
}

export const hostManagement: Examination = {
  id: 'host-management',
  check: 'Default Host Management, where it is on, has what it needs',
  look: async (evidence) => {
    const { role } = await evidence.hostManagement();
    if (!role) return ok(`${OFF(evidence)} (Service setting ${SETTING} of this region.)`);
    const missing = await lacks(evidence, role);
    const version = (await evidence.managed())?.AgentVersion;
    if (missing.length === 0)
      return ok(
        `It is on in ${evidence.region}, with the role ${role}; IMDSv2 is required, the agent is ${version ?? 'not known to Systems Manager, so its version is not, either'}.`,
      );
    return warning(
      `It is on in ${evidence.region}, and of no use here: ${missing.map(({ what }) => what).join('; ')}.`,
      missing.flatMap(({ remedy }) => remedy),
    );
  },
};

const UPDATE = 'ssm:UpdateInstanceInformation';

/** Whether the agent stays with the profile: aws-facts-2 17.3. */
export async function profileGoesFirst(evidence: Evidence) {
  const { instanceId, partition, region, account } = evidence;
  const arn = `arn:${partition}:ec2:${region}:${account}:instance/${instanceId}`;
  return judge(await evidence.policies(), UPDATE, arn);
}

export const profileFirst: Examination = {
  id: 'profile-first',
  check: 'The profile does not keep the agent from Default Host Management',
  look: async (evidence) => {
    const { role } = await evidence.hostManagement();
    if (!role) return ok(`${OFF(evidence)} The agent has the profile, or nothing.`);
    const { allowed, by, policy } = await profileGoesFirst(evidence);
    if (allowed === 'no') return ok(`No profile that allows ${UPDATE}: the agent uses Default Host Management.`);
    return warning(
      `Default Host Management is on, and not used here: ${by} in the profile ${allowed === 'yes' ? 'allows' : 'may allow'} ${UPDATE}, and the agent stays with the profile then. An elevation does not mind.`,
      [
        `If Default Host Management is wanted: take ${UPDATE} out of the profile's role, and restart the agent.`,
        ...(policy ? [takeOut((await evidence.role())?.RoleName ?? '', policy)] : []),
      ],
    );
  },
};

/** Its files are on the instance, where nobody looks: what can be seen is that everything else is there, and it does not work. */
export const registration: Examination = {
  id: 'registration',
  check: "The agent's registration for Default Host Management is there",
  look: async (evidence) => {
    const setting = await evidence.hostManagement();
    if (!setting.role) return ok(OFF(evidence));
    const [found, missing, first] = await Promise.all([
      evidence.managed(),
      lacks(evidence, setting.role),
      profileGoesFirst(evidence),
    ]);
    if (first.allowed !== 'no') return ok('Not looked at: the agent uses the profile.');
    if (found && (await evidence.connected())) return ok('The agent has registered, and is connected.');
    if (missing.length > 0)
      return ok('Nothing points to it: Default Host Management lacks something else (host-management).');
    return lost(evidence, setting, found?.LastPingDateTime);
  },
};

async function lost(evidence: Evidence, { since }: HostManagement, last: Date | undefined): Promise<Answer> {
  const young = since && evidence.deps.clock.now() - since.getTime() < SETTLING_MS;
  return warning(
    `Default Host Management is on and has all that it needs, and ${last ? `the agent was last heard of at ${last.toISOString()}` : 'Systems Manager does not know the instance'}. ` +
      `${young ? `It was set at ${since.toISOString()}, and may take half an hour. Else the` : 'The'} agent is down, without network, or its registration (in /lib/amazon/ssm, on Windows in C:\\ProgramData\\Amazon) was removed: ` +
      'then Default Host Management does not come back by itself.',
    [
      ...restartAgent,
      'If the registration was removed, only a profile helps, or to re-create the instance.',
      ...(await allowCore(evidence)),
      `aws ssm get-service-setting --setting-id ${settingArn(evidence)}`,
    ],
  );
}
