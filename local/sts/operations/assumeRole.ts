import { AssumeRole$, type AssumeRoleRequest, type AssumeRoleResponse } from '@aws-sdk/client-sts';
import { AwsError, type Call, operation, type Violation, validationMessage } from '../../world';

const SUPPORTED = ['RoleArn', 'RoleSessionName', 'DurationSeconds'];
const PATTERN = 'satisfy regular expression pattern: [\\w+=,.@-]*';
const invalid = (message: string) => new AwsError('ValidationError', message);

type Check = [...Violation, holds: boolean];

function sized(at: string, value: string | number, least: number, most: number): Check[] {
  const [what, size] = typeof value === 'number' ? ['value', value] : ['length', value.length];
  return [
    [at, value, `have ${what} greater than or equal to ${least}`, size >= least],
    [at, value, `have ${what} less than or equal to ${most}`, size <= most],
  ];
}

/** aws-facts-2 10.2 and 10.3. */
function validated(input: AssumeRoleRequest) {
  const other = Object.keys(input).find((name) => !SUPPORTED.includes(name));
  if (other) throw invalid(`The embedded AWS does not take ${other} in AssumeRole, see docs/local-aws.md.`);
  const { RoleArn = '', RoleSessionName = '', DurationSeconds = 3600 } = input;
  const checks: Check[] = [
    ...sized('roleArn', RoleArn, 20, 2048),
    ...sized('roleSessionName', RoleSessionName, 2, 64),
    ['roleSessionName', RoleSessionName, PATTERN, /^[\w+=,.@-]*$/.test(RoleSessionName)],
    ...sized('durationSeconds', DurationSeconds, 900, 43_200),
  ];
  const violations = checks.filter(([, , , holds]) => !holds);
  if (violations.length > 0) throw invalid(validationMessage(violations.map(([at, value, text]) => [at, value, text])));
  const roleName = /^arn:[\w-]+:iam::\d{12}:role\/(?:.*\/)?([\w+=,.@-]+)$/.exec(RoleArn)?.[1];
  if (!roleName) throw invalid(`${RoleArn} is invalid`);
  return { RoleArn, RoleSessionName, DurationSeconds, roleName };
}
type Validated = ReturnType<typeof validated>;

/**
 * aws-facts-2 10.4: a principal that the trust policy names needs no policy of its own, but must not be denied, nor be
 * outside its boundary; one that is trusted as part of the account needs an identity policy too.
 */
function mayAssume({ world, principal, conditions }: Call<unknown>, { roleName, ...input }: Validated): boolean {
  const keys = { ...conditions, 'sts:RoleSessionName': input.RoleSessionName };
  const trust = world.iam.trusts(roleName, principal, keys);
  const decision = world.iam.evaluate(principal, 'sts:AssumeRole', input.RoleArn, keys);
  if (decision.allowed) return trust !== false;
  return trust === 'named' && decision.because.startsWith('because no identity-based policy');
}

async function run(call: Call<AssumeRoleRequest>): Promise<AssumeRoleResponse> {
  const { world, principal } = call;
  const input = validated(call.input);
  const { RoleArn, RoleSessionName, DurationSeconds, roleName } = input;
  if (principal.kind === 'root') throw new AwsError('AccessDenied', 'Roles may not be assumed by root accounts.', 403);
  // A missing role is refused in the same words as one that does not trust the caller (10.3).
  const role = await world.asRoot('iam', 'GetRole', { RoleName: roleName }).then(
    ({ Role }) => Role,
    () => undefined,
  );
  if (role?.Arn !== RoleArn || !mayAssume(call, input)) {
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
      // In whole seconds.
      Expiration: new Date(Math.floor(credentials.expiration / 1000) * 1000),
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
