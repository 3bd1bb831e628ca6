import { HARDWARE, type World, zoneOf } from '../world';
import type { Session } from './sessions';

/** Metadata has whole seconds. */
const timestamp = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
const json = (value: object) => JSON.stringify(value, undefined, 2);

/** What is found at a path below /latest/, without a slash at its end; undefined: 404. (aws-facts 3.1) */
export function read(path: string, world: World, instanceId: string, session?: Session): string | undefined {
  const role = session?.roleName;
  switch (path) {
    case 'meta-data':
      return [...(role ? ['iam/'] : []), 'instance-id', 'placement/'].join('\n');
    case 'meta-data/instance-id':
      return instanceId;
    case 'meta-data/placement':
      return 'availability-zone\nregion';
    case 'meta-data/placement/availability-zone':
      return zoneOf(world);
    case 'meta-data/placement/region':
      return world.region;
    case 'dynamic/instance-identity/document':
      return json(identity(world, instanceId));
  }
  if (!session || !role) return undefined;
  switch (path) {
    case 'meta-data/iam':
      return 'info\nsecurity-credentials/';
    case 'meta-data/iam/info':
      return json(info(session));
    case 'meta-data/iam/security-credentials':
      return role;
    case `meta-data/iam/security-credentials/${role}`:
      return json(securityCredentials(session, role));
  }
  return undefined;
}

function identity(world: World, instanceId: string) {
  const { privateIp, launchedAt = 0 } = world.ec2.instance(instanceId) ?? {};
  return {
    accountId: world.account,
    architecture: HARDWARE.Architecture,
    availabilityZone: zoneOf(world),
    imageId: HARDWARE.ImageId,
    instanceId,
    instanceType: HARDWARE.InstanceType,
    pendingTime: timestamp(launchedAt),
    privateIp,
    region: world.region,
    version: '2017-09-30',
  };
}

function info({ lastUpdated, profileArn, profileId }: Session) {
  const LastUpdated = timestamp(lastUpdated);
  return { Code: 'Success', LastUpdated, InstanceProfileArn: profileArn, InstanceProfileId: profileId };
}

/** An error too is an answer 200: clients have to look at Code. */
function securityCredentials({ lastUpdated, credentials }: Session, role: string) {
  const LastUpdated = timestamp(lastUpdated);
  if (!credentials) {
    const Message = `EC2 cannot assume the role ${role}.  Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.`;
    return { Code: 'AssumeRoleUnauthorizedAccess', Message, LastUpdated };
  }
  return {
    Code: 'Success',
    LastUpdated,
    Type: 'AWS-HMAC',
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: timestamp(credentials.expiration),
  };
}
