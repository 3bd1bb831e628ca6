import type { IamInstanceProfileSpecification } from '@aws-sdk/client-ec2';
import { AwsError, type Instance, type ProfileView, type World } from '../world';
import type { Association } from './associations';
import type { Fleet } from './fleet';

type Given<Input, Name extends keyof Input> = Input & { [Key in Name]-?: NonNullable<Input[Key]> };

/** The wire names a list as its items. */
const ON_THE_WIRE: Record<string, string> = { InstanceIds: 'InstanceId', Resources: 'ResourceId', Tags: 'Tag' };

/** @param names the parameters that an operation needs, in the order in which AWS lists them (alphabetical) */
export function requireParameters<Input extends object, Name extends keyof Input & string>(
  input: Input,
  ...names: Name[]
): Given<Input, Name> {
  const isMissing = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);
  const missing = names.filter((name) => isMissing(input[name])).map((name) => ON_THE_WIRE[name] ?? name);
  if (missing.length === 0) return input as Given<Input, Name>;
  const message =
    missing.length === 1
      ? `The request must include the ${missing[0]} parameter. Add the required parameter and retry the request.`
      : `The request must include the following parameters: ${missing.join(', ')}. Add the required parameters and retry the request.`;
  throw new AwsError('MissingParameter', message);
}

/** Nothing that a caller asks for is silently left out. */
export function refuseOtherParameters(input: object, ...supported: string[]): void {
  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined && !supported.includes(name)) {
      throw new AwsError('UnsupportedOperation', `The embedded AWS does not support the parameter ${name} here.`);
    }
  }
}

/** After parameters and authorization, before any state is looked at (aws-facts 1.1). */
export function endDryRun(input: object): void {
  if ('DryRun' in input && input.DryRun)
    throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}

/** An id of zeros counts as malformed (aws-facts 1.4). */
const isId = (prefix: string, id: string) =>
  new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id) && !/-0+$/.test(id);
export const isInstanceId = (id: string) => isId('i', id);
export const isAssociationId = (id: string) => isId('iip-assoc', id);

/** @throws AwsError 'malformed', in the words of AssociateIamInstanceProfile (aws-facts 1.4) */
export function checkInstanceId(id: string): void {
  if (!isInstanceId(id)) throw new AwsError('InvalidInstanceID.Malformed', `The instance ID '${id}' is malformed`);
}

/** @throws AwsError 'malformed', in the words of the operations that take a list of ids */
export function checkInstanceIds(ids: string[]): void {
  const bad = ids.find((id) => !isInstanceId(id));
  if (bad !== undefined) throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${bad}"`);
}

/**
 * aws-facts 1.3: natively for Associate. Unconfirmed: that Disassociate says the same, and is refused while `stopping`
 * and `shutting-down`.
 */
export function checkRunningOrStopped({ id, state }: Instance): void {
  if (state === 'running' || state === 'stopped') return;
  throw new AwsError('IncorrectInstanceState', `The instance '${id}' is not in the 'running' or 'stopped' states.`);
}

/** The association of a Replace or Disassociate. Unconfirmed: that an id which is gone is reported before any denial. */
export function existingAssociation({ associations }: Fleet, id: string): Association {
  if (!isAssociationId(id)) throw new AwsError('InvalidParameterValue', `Invalid Id: ${id}`);
  return associations.get(id) ?? associationNotFound(id);
}

export function associationNotFound(id: string): never {
  throw new AwsError('InvalidAssociationID.NotFound', `An invalid association-id of '${id}' was given`);
}

const PROFILE_ARN = /^arn:[\w-]+:iam::\d{12}:instance-profile\/[\w+=,.@/-]+$/;

/** The profile that a request names, as EC2 sees it; the Arn wins over the Name (aws-facts 1.4). */
export function findProfile({ iam }: World, { Arn: arn, Name: name }: IamInstanceProfileSpecification): ProfileView {
  if (arn !== undefined && !PROFILE_ARN.test(arn)) {
    throw new AwsError(
      'InvalidIamInstanceProfileArn.Malformed',
      `The ARN '${arn}' is not valid. The expected format is arn:aws:iam::<account-id>:instance-profile/<name>.`,
    );
  }
  const wanted = arn ?? name ?? '';
  const profile = iam.profileSeenByEc2(wanted);
  if (profile) return profile;
  const [field, what] = arn === undefined ? ['name', 'name'] : ['arn', 'ARN'];
  throw new AwsError(
    'InvalidParameterValue',
    `Value (${wanted}) for parameter iamInstanceProfile.${field} is invalid. Invalid IAM Instance Profile ${what}`,
  );
}
