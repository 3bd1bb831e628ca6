import { Aws } from 'aws-cdk-lib';
import { ceilingPath } from '../state-machine/catalogue';
import { type OutputLocation, parseS3Location } from '../state-machine/output';

/** Documents with these prefixes belong to Amazon, in every account: SSM refuses to create others so named. */
export const AMAZON_DOCUMENT = /^(aws|amazon|amzn)/i;

/** The name of every temp role: `stepup-` and 32 hex digits. */
const TEMP_NAME = `stepup-${'?'.repeat(32)}`;

const arn = (service: string, region: string, account: string, resource: string): string =>
  `arn:${Aws.PARTITION}:${service}:${region}:${account}:${resource}`;
const iam = (resource: string): string => arn('iam', '', Aws.ACCOUNT_ID, resource);
const here = (service: string, resource: string): string => arn(service, Aws.REGION, Aws.ACCOUNT_ID, resource);

/** What the functions' permissions speak of. By name, so that roles and machines need not know each other first. */
export function arnsOf(deployment: string) {
  const machine = (kind: 'elevation' | 'recovery') => ({
    machine: here('states', `stateMachine:${deployment}-${kind}`),
    executions: here('states', `execution:${deployment}-${kind}:*`),
  });
  return {
    /** Every temp role and profile of this deployment, whatever its instance. */
    tempRoles: iam(`role/stepup/elevations/*/${deployment}/*`),
    tempProfiles: iam(`instance-profile/stepup/elevations/*/${deployment}/*`),
    /** Those that were made for one instance; its id may be a policy variable. */
    tempProfilesOf: (instanceId: string): string =>
      iam(`instance-profile/stepup/elevations/${instanceId}/${deployment}/*`),
    /**
     * Unconfirmed: what does not exist is authorised by its bare name, for IAM knows no path of it. Without these a
     * temp role that is gone would answer AccessDenied instead of NoSuchEntity. Existing ones of ours have a path.
     */
    missingTempRoles: iam(`role/${TEMP_NAME}`),
    missingTempProfiles: iam(`instance-profile/${TEMP_NAME}`),
    /** Temp roles and profiles of every deployment: an instance is busy whoever elevates it. */
    allTempRoles: iam('role/stepup/elevations/*'),
    allTempProfiles: iam('instance-profile/stepup/elevations/*'),
    ceilings: iam(`policy${ceilingPath(deployment)}*`),
    roles: iam('role/*'),
    profiles: iam('instance-profile/*'),
    policies: [iam('policy/*'), arn('iam', '', 'aws', 'policy/*')],
    instances: here('ec2', 'instance/*'),
    elevation: machine('elevation'),
    recovery: machine('recovery'),
    scheduleGroup: here('scheduler', `schedule-group/${deployment}`),
    deadLetters: here('sqs', `${deployment}-dead-letters`),
    proveDocument: here('ssm', `document/${deployment}-ProveIdentity`),
    /** The service setting of Default Host Management. */
    hostManagement: here('ssm', 'servicesetting/ssm/managed-instance/default-ec2-instance-management-role'),
    document: (name: string): string =>
      name.startsWith('arn:')
        ? name
        : AMAZON_DOCUMENT.test(name)
          ? arn('ssm', Aws.REGION, '', `document/${name}`)
          : here('ssm', `document/${name}`),
    outputBuckets: (locations: OutputLocation[]): string[] => {
      const urls = locations.flatMap((location) => ('s3' in location ? [location.s3] : []));
      return [...new Set(urls.map((url) => arn('s3', '', '', parseS3Location(url).bucket)))];
    },
  };
}

export type Arns = ReturnType<typeof arnsOf>;
