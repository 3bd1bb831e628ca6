import { nameOf } from '../../common/names';
import type { Evidence } from './evidence';
import {
  type Answer,
  ASK_FOR_CORE,
  checkOf,
  type Examination,
  ofThePreflight,
  ok,
  refusalOf,
  warning,
  withCore,
} from './examination';

/** At 70 % of the account's roles an alarm rings, too: infra/watching. */
const MUCH = 0.7;

const ROOM = checkOf('room');

export const room: Examination = {
  id: 'room',
  check: ROOM.title,
  look: async (evidence) => {
    const found = await Promise.all(evidence.grants.map((grant) => roomFor(evidence, grant)));
    const bad = found.filter(({ says }) => says !== '');
    if (bad.length === 0) return ok(`Yes, with ${evidence.grants.join(', ') || 'no grant'}.`);
    return {
      status: found.every(({ possible }) => !possible) ? 'failed' : 'warning',
      finding: bad.map(({ grant, says }) => `${grant}: ${says}`).join(' '),
      remedy: [...(bad.some(({ possible }) => possible) ? [ASK_FOR_CORE] : []), ...(await slim(evidence))],
      error: 'QuotaExceeded',
    };
  },
};

/** Whether there is room with one grant, and if not with the evidence's baseline, with `core`. */
async function roomFor(evidence: Evidence, grant: string) {
  const subject = { ...evidence, request: { ...evidence.request, grant } };
  const refusal = await refusalOf(ROOM, subject);
  const possible = !refusal || !(await refusalOf(ROOM, withCore(subject)));
  return { grant, says: refusal?.message ?? '', possible };
}

async function slim({ role }: Evidence): Promise<string[]> {
  const name = (await role())?.RoleName;
  return name
    ? ['attached-role-policies', 'role-policies', 'role-tags'].map((what) => `aws iam list-${what} --role-name ${name}`)
    : [];
}

const MORE = [
  "aws iam get-account-summary --query 'SummaryMap.[Roles,RolesQuota,InstanceProfiles,InstanceProfilesQuota]'",
  'stepup drains',
  'Ask AWS for more: Service Quotas, IAM, Roles per account.',
];

/** Roles drain for hours after their runs, and count until then. */
async function inUse(evidence: Evidence): Promise<Answer> {
  const [limits, roles, markers] = await Promise.all([evidence.quotas(), evidence.tempRoles(), evidence.markers()]);
  const marked = new Set(markers.map(nameOf));
  const drain = roles.filter((name) => !marked.has(name)).length;
  const { Roles = 0, RolesQuota = 0, InstanceProfiles = 0, InstanceProfilesQuota = 0 } = limits;
  const finding = `${Roles} of ${RolesQuota} roles and ${InstanceProfiles} of ${InstanceProfilesQuota} profiles of the account are in use. Of this instance's temp roles ${drain} drain${drain === 1 ? 's' : ''}.`;
  const isMuch = Roles >= MUCH * RolesQuota || InstanceProfiles >= MUCH * InstanceProfilesQuota;
  return isMuch
    ? warning(`${finding} Each elevation takes one of each, and its role drains for hours.`, MORE)
    : ok(finding);
}

export const accountQuota = ofThePreflight('account-quota', inUse, () => MORE);
