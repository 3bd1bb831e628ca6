import { parseExecution } from '../../common/names';
import type { Evidence } from './evidence';
import { type Answer, type Examination, ok, warning } from './examination';
import { isQuickSetup, type Meddler } from './meddlers';
import { quoted } from './remedies';

export const busy: Examination = {
  id: 'busy',
  check: 'No elevation has the instance',
  look: async (evidence) => {
    const found = await evidence.busy();
    if (!found) return ok('None.');
    const { record, profileArn } = found;
    const wait = 'Try again when it has ended, or ask with "waitForInstanceMinutes" (--wait 30m).';
    if (!record)
      return inUse(
        `${profileArn} marks it as taken, and the record of that elevation is not there or cannot be read.`,
        [`aws iam list-instance-profiles --path-prefix /stepup/elevations/${evidence.instanceId}/`, wait],
      );
    const { execution, grant, requester, expires, state } = record;
    const { name, machine } = parseExecution(execution);
    return inUse(
      `${name} of ${machine.replace(/-elevation$/, '')} has it, with ${grant}, asked for by ${requester}; ${state === 'open' ? `its grant ends at ${expires}` : `it is ${state}`}.`,
      [
        `stepup status ${quoted(name)}`,
        `aws stepfunctions describe-execution --execution-arn ${quoted(execution)}`,
        wait,
      ],
    );
  },
};

const inUse = (finding: string, remedy: string[]): Answer => ({
  status: 'failed',
  finding,
  remedy,
  error: 'InstanceBusy',
});

export const otherTools: Examination = {
  id: 'other-tools',
  check: 'No other tool gives the instance a profile on a schedule',
  look: async (evidence) => {
    const found = await evidence.meddlers();
    if (found.length === 0)
      return ok(
        'State Manager has no association of AWS-AttachIAMToInstance or Quick Setup with it. Not looked at: AWS Config remediations, and functions of your own.',
      );
    return warning(
      found.map((meddler) => describe(meddler, evidence)).join(' '),
      found.flatMap(({ id, document }) => [
        `aws ssm describe-association --association-id ${id}`,
        `Take the instance out of its targets${isQuickSetup(document) ? ' (in Quick Setup, which has made it)' : ''}, or make sure that it is not due during an elevation. If nobody needs it:`,
        `aws ssm delete-association --association-id ${id}`,
      ]),
    );
  },
};

function describe({ id, document, schedule, targets, role, byForce }: Meddler, { instanceId }: Evidence): string {
  const who = `State Manager's association ${id} (${document}${schedule ? `, ${schedule}` : ''})`;
  const whom = targets === 'yes' ? `targets ${instanceId}` : `may target ${instanceId}, by a resource group`;
  const what = byForce
    ? `puts ${role ? `the role ${role}` : 'a role'} in the place of whatever is there: an elevation that it meets is cut short, and that profile stays.`
    : document.includes('UpdateExistingInstanceProfile')
      ? 'adds policies to whatever role is there, be it a temp role.'
      : `gives it ${role ? `the role ${role}` : 'a profile'} where it has none.`;
  return `${who} ${whom}, and ${what}`;
}
