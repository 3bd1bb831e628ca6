import { StepUpError } from '../../../state-machine/errors';
import { nearest } from '../../../state-machine/nearest';
import { grantOf } from '../../common/policies';
import { ENROLMENT_TAG } from '../../common/preflight/instanceChecks';
import type { Evidence } from './evidence';
import { type Answer, checkOf, type Examination, ofThePreflight, ok, refusalOf, warning } from './examination';

export const instance = ofThePreflight(
  'instance',
  async ({ instanceId, region, account, instance: find }) =>
    ok(`${instanceId} is in ${region}, account ${account}: ${(await find())?.PlatformDetails ?? 'no platform told'}.`),
  () => ['aws ec2 describe-instances --query "Reservations[].Instances[].InstanceId"'],
);

const retag = ({ instanceId }: Evidence, grants: string): string =>
  `aws ec2 create-tags --resources ${instanceId} --tags "Key=${ENROLMENT_TAG},Value=${grants}"`;

export const enrolled: Examination = {
  id: 'enrolled',
  check: 'The instance is enrolled, for grants that there are',
  look: async (evidence) => {
    // Asked again, so that what EC2 does not tell is unknown here.
    await evidence.instance();
    const { enrolled: names = [], grants, deps } = evidence;
    const [first] = names;
    if (first === undefined) return notEnrolled(evidence);
    const strangers = names.filter((name) => !Object.hasOwn(deps.catalogue.grants, name));
    const known = names.filter((name) => !strangers.includes(name));
    if (strangers.length === 0) return ok(`It is enrolled for ${names.join(', ')}.`);
    const all = Object.keys(deps.catalogue.grants);
    const meant = names.map((name) => (strangers.includes(name) ? nearest(name, all) : name));
    const remedy = [retag(evidence, [...new Set(meant.filter(Boolean))].join(' ') || grants.join(' '))];
    if (known.length === 0) return failed(unknownGrant(evidence, first), remedy);
    const said = strangers.map((name) => unknownGrant(evidence, name).message).join(' ');
    return warning(`It is enrolled for ${known.join(', ')}. ${said}`, remedy);
  },
};

async function notEnrolled(evidence: Evidence): Promise<Answer> {
  const refusal = await refusalOf(checkOf('enrolled'), evidence);
  const remedy = [`stepup grants`, retag(evidence, evidence.request.grant)];
  return refusal ? failed(refusal, remedy) : ok('It is enrolled.');
}

const failed = ({ name, message }: StepUpError, remedy: string[]): Answer => ({
  status: 'failed',
  finding: message,
  remedy,
  error: name,
});

function unknownGrant({ deps }: Evidence, name: string): StepUpError {
  try {
    grantOf(deps.catalogue, name);
  } catch (error) {
    if (error instanceof StepUpError) return error;
    throw error;
  }
  throw new Error(`'${name}' is a grant`);
}

export const running = ofThePreflight(
  'running',
  () => ok('It is running.'),
  async ({ instanceId, instance: find }) => {
    const state = (await find())?.State?.Name;
    if (state === 'terminated' || state === 'shutting-down') return ['It is gone for good: name another instance.'];
    return [
      ...(state === 'stopping' ? [`aws ec2 wait instance-stopped --instance-ids ${instanceId}`] : []),
      ...(state === 'pending' ? [] : [`aws ec2 start-instances --instance-ids ${instanceId}`]),
      `aws ec2 wait instance-running --instance-ids ${instanceId}`,
    ];
  },
);
