import { AssumeRole$, type AssumeRoleRequest, type AssumeRoleResponse } from '@aws-sdk/client-sts';
import { AwsError, type Call, operation, type Principal, type World } from '../../world';

const SUPPORTED = ['RoleArn', 'RoleSessionName', 'DurationSeconds'];
const invalid = (message: string) => new AwsError('ValidationError', message);

function validated(input: AssumeRoleRequest) {
  const other = Object.keys(input).find((name) => !SUPPORTED.includes(name));
  if (other) throw invalid(`The embedded AWS does not take ${other} in AssumeRole, see docs/local-aws.md.`);
  const { RoleArn = '', RoleSessionName = '', DurationSeconds = 3600 } = input;
  const constrain = (holds: boolean, value: string | number, name: string, constraint: string) => {
    if (holds) return;
    const where = `Value '${value}' at '${name}' failed to satisfy constraint: Member must`;
    throw invalid(`1 validation error detected: ${where} ${constraint}`);
  };
  const pattern = 'satisfy regular expression pattern: [\\w+=,.@-]*';
  constrain(/^[\w+=,.@-]*$/.test(RoleSessionName), RoleSessionName, 'roleSessionName', pattern);
  const { length } = RoleSessionName;
  constrain(length >= 2, RoleSessionName, 'roleSessionName', 'have length greater than or equal to 2');
  constrain(length <= 64, RoleSessionName, 'roleSessionName', 'have length less than or equal to 64');
  constrain(DurationSeconds >= 900, DurationSeconds, 'durationSeconds', 'have value greater than or equal to 900');
  constrain(DurationSeconds <= 43_200, DurationSeconds, 'durationSeconds', 'have value less than or equal to 43200');
  const roleName = /^arn:[\w-]+:iam::\d{12}:role\/(?:.*\/)?([\w+=,.@-]+)$/.exec(RoleArn)?.[1];
  if (!roleName) throw invalid(`${RoleArn} is invalid`);
  return { RoleArn, RoleSessionName, DurationSeconds, roleName };
}

/**
 * aws-facts-2 10.4: a principal that the trust policy names needs nothing more, but a Deny counts; one that is
 * trusted as part of the account needs an identity policy too. When both hold, this asks for the policy: never kinder.
 */
function mayAssume(world: World, principal: Principal, roleName: string, roleArn: string): boolean {
  if (!world.iam.trusts(roleName, principal)) return false;
  const decision = world.iam.evaluate(principal, 'sts:AssumeRole', roleArn);
  if (decision.allowed) return true;
  const anyoneOfTheAccount: Principal = {
    kind: 'user',
    arn: `arn:${world.partition}:iam::${world.account}:user/`,
    userId: '',
    issuedAt: 0,
  };
  return !decision.because.includes('explicit deny') && !world.iam.trusts(roleName, anyoneOfTheAccount);
}

async function run({ world, input, principal }: Call<AssumeRoleRequest>): Promise<AssumeRoleResponse> {
  const { RoleArn, RoleSessionName, DurationSeconds, roleName } = validated(input);
  if (principal.kind === 'root') throw new AwsError('AccessDenied', 'Roles may not be assumed by root accounts.', 403);
  // A missing role is refused in the same words as one that does not trust the caller (10.3).
  const role = await world.asRoot('iam', 'GetRole', { RoleName: roleName }).then(
    ({ Role }) => Role,
    () => undefined,
  );
  if (role?.Arn !== RoleArn || !mayAssume(world, principal, roleName, RoleArn)) {
    const denied = `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
    throw new AwsError('AccessDenied', denied, 403);
  }
  if (principal.kind === 'assumed-role' && DurationSeconds > 3600) {
    const limit = 'the 1 hour session limit for roles assumed by role chaining.';
    throw invalid(`The requested DurationSeconds exceeds ${limit}`);
  }
  if (DurationSeconds > (role.MaxSessionDuration ?? 3600)) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  const session = { roleName: role.RoleName, sessionName: RoleSessionName, lifetime: DurationSeconds * 1000 };
  const credentials = world.iam.issueSession(session);
  const assumed = world.iam.accessKey(credentials.accessKeyId)?.principal;
  return {
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: new Date(credentials.expiration),
    },
    AssumedRoleUser: { AssumedRoleId: assumed?.userId, Arn: assumed?.arn },
  };
}

export const assumeRole = operation<AssumeRoleRequest, AssumeRoleResponse>(
  'sts',
  AssumeRole$,
  'partial: no session policies, tags, external ids, source identities or MFA',
  run,
);
