import { describe, expect, test } from '@jest/globals';
import { AwsError, type Intercept } from '../../local';
import type { ServiceName } from '../../local/world';
import { faulty } from '../support/faulty';
import { createStage, request, type Stage } from '../support/stage';

/** One invocation of a function by a state, and the calls with the error in question that it made. */
interface Invocation {
  state: string;
  /** By the operation's input: a function may rightly call an operation for several things. */
  attempts: Map<string, number>;
}

interface Failure {
  state: string;
  service: ServiceName;
  operation: string;
  error: AwsError;
  /** How often it fails before it works; always, if this is not said. */
  times?: number;
}

/** A stage on which one operation fails for the function of one state. */
async function failing({ state, service, operation, error, times = Number.POSITIVE_INFINITY }: Failure) {
  const invocations: Invocation[] = [];
  let left = times;
  const intercept: Intercept = async (call, proceed) => {
    const now = invocations.at(-1);
    if (now?.state !== state || call.service !== service || call.operation !== operation) return proceed();
    const input = JSON.stringify(call.input);
    now.attempts.set(input, (now.attempts.get(input) ?? 0) + 1);
    left -= 1;
    if (left < 0) return proceed();
    throw error;
  };
  const wrapLauncher = faulty(async (event, invoke) => {
    invocations.push({ state: event.state.Name, attempts: new Map() });
    return invoke(event);
  });
  const stage = await createStage({ intercept, wrapLauncher });
  /** How often each thing was asked for, in each invocation. */
  const attempts = () => invocations.filter((one) => one.state === state).map((one) => [...one.attempts.values()]);
  return { stage, attempts };
}

const run = async (stage: Stage) => stage.ended(await stage.start(request()));
/** aws-facts 1.4, aws-facts-2 10.6 */
const DENIED = {
  ec2: new AwsError('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403),
  iam: new AwsError('AccessDenied', 'not authorized', 403),
  ssm: new AwsError('AccessDeniedException', 'not authorized', 400),
};
const malformed = new AwsError('MalformedPolicyDocument', 'Syntax errors in policy.', 400);
const invalid = new AwsError('ValidationException', '1 validation error detected', 400);

describe('a call of a function', () => {
  test.each([
    ['CaptureProfile', 'ec2', 'DescribeIamInstanceProfileAssociations', DENIED.ec2, 'AwsAccessDenied'],
    ['CaptureProfile', 'ssm', 'GetConnectionStatus', invalid, 'AwsCallFailed'],
    ['CreateTempRole', 'iam', 'CreateRole', DENIED.iam, 'AwsAccessDenied'],
    ['CreateTempRole', 'iam', 'CreateRole', malformed, 'AwsCallFailed'],
    ['CreateTempRole', 'iam', 'PutRolePolicy', malformed, 'AwsCallFailed'],
    ['SwapProfile', 'iam', 'GetRole', DENIED.iam, 'AwsAccessDenied'],
    ['WaitAssociated', 'ec2', 'DescribeIamInstanceProfileAssociations', DENIED.ec2, 'AwsAccessDenied'],
    ['SendScript', 'ssm', 'SendCommand', DENIED.ssm, 'AwsAccessDenied'],
    ['SendScript', 'ssm', 'SendCommand', invalid, 'CommandRejected'],
    ['AwaitScript', 'ssm', 'GetCommandInvocation', DENIED.ssm, 'AwsAccessDenied'],
  ] as const)('in %s: %s %s that is refused is made once', async (state, service, operation, error, name) => {
    const { stage, attempts } = await failing({ state, service, operation, error });
    expect(await run(stage)).toMatchObject({ status: 'FAILED', error: name });
    expect(attempts()).toEqual([[1]]);
  });

  test.each([
    ['CreateTempRole', 'iam', 'CreateRole', new AwsError('Throttling', 'Rate exceeded', 400)],
    ['WaitAssociated', 'ec2', 'DescribeIamInstanceProfileAssociations', new AwsError('RequestLimitExceeded', '', 503)],
    ['SendScript', 'ssm', 'SendCommand', new AwsError('ThrottlingException', 'Rate exceeded', 400)],
  ] as const)(
    'in %s: %s %s that is throttled twice is made again at once',
    async (state, service, operation, error) => {
      const { stage, attempts } = await failing({ state, service, operation, error, times: 2 });
      expect(await run(stage)).toMatchObject({ status: 'SUCCEEDED' });
      const [first = []] = attempts();
      expect(Math.max(...first)).toBeGreaterThanOrEqual(3);
    },
  );
});

test('Restore alone tries again what is denied: as a state, with one attempt in each invocation', async () => {
  const operation = 'ReplaceIamInstanceProfileAssociation';
  const restoring = { state: 'Restore', service: 'ec2', operation, error: DENIED.ec2, times: 3 } as const;
  const { stage, attempts } = await failing(restoring);
  expect(await run(stage)).toMatchObject({ status: 'SUCCEEDED' });
  expect(attempts().slice(0, 4)).toEqual([[1], [1], [1], [1]]);
});
