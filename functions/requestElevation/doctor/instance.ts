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

/** Where nobody can know which grants are meant, one stands for them: no command enrols for all that there are. */
const retagged = (evidence: Evidence, grants: string): string[] =>
  grants ? [retag(evidence, grants)] : ['stepup grants', retag(evidence, evidence.request.grant)];

export const enrolled: Examination = {
  id: 'enrolled',
  check: 'The instance is enrolled, for grants that there are',
  look: async (evidence) => {
    // Asked again, so that what EC2 does not tell is unknown here.
    await evidence.instance();
    const { enrolled: names = [], deps } = evidence;
    const [first] = names;
    if (first === undefined) return notEnrolled(evidence);
    const strangers = names.filter((name) => !Object.hasOwn(deps.catalogue.grants, name));
    const known = names.filter((name) => !strangers.includes(name));
    if (strangers.length === 0) return ok(`It is enrolled for ${names.join(', ')}.`);
    const all = Object.keys(deps.catalogue.grants);
    // With commas between them they are one name.
    const meant = names.flatMap((name) =>
      known.includes(name) ? name : name.split(',').map((it) => nearest(it, all)),
    );
    const remedy = retagged(evidence, [...new Set(meant.filter(Boolean))].join(' '));
    if (known.length === 0) return failed(unknownGrant(evidence, first), remedy);
    const said = strangers.map((name) => unknownGrant(evidence, name).message).join(' ');
    return warning(`It is enrolled for ${known.join(', ')}. ${said}`, remedy);
  },
};

async function notEnrolled(evidence: Evidence): Promise<Answer> {
  const refusal = await refusalOf(checkOf('enrolled'), evidence);
  return refusal ? failed(refusal, retagged(evidence, '')) : ok('It is enrolled.');
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
