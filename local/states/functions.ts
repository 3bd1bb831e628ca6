import { AwsError, type FunctionError, type Principal, type World } from '../world';
import { StateFailure } from './failures';
import type { Functions } from './task';

const SESSION_LIFETIME = 3_600_000;

/** Lambda functions of the world, invoked under the machine's role. */
export function lambdaFunctions(world: World): Functions<Principal> {
  return {
    assumeRole: ({ machine: { roleName } }) => {
      if (!world.iam.trusts(roleName, { service: 'states.amazonaws.com' })) {
        // Unconfirmed: name and cause; CreateStateMachine answers with these words.
        const cause = `Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.`;
        throw new StateFailure('Lambda.AWSLambdaException', cause);
      }
      const session = { roleName, sessionName: world.ids.hex(32), lifetime: SESSION_LIFETIME };
      return world.iam.accessKey(world.iam.issueSession(session).accessKeyId)!.principal;
    },
    invoke: async (session, arn, payload) => {
      const result = await world.lambda.invoke(arn, payload, session).catch((error) => {
        throw error instanceof AwsError ? refusal(error, world.ids.uuid()) : error;
      });
      if ('functionError' in result) throw failureOf(result.functionError);
      return result.payload;
    },
  };
}

/** The function did not run: names and causes of aws-facts-2 12.3. */
function refusal({ code, message, status }: AwsError, requestId: string): StateFailure {
  const name = code === 'AccessDeniedException' ? 'AWSLambdaException' : code;
  const details = `Service: AWSLambda; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null`;
  return new StateFailure(`Lambda.${name}`, `${message} (${details})`);
}

const failureOf = (error: FunctionError) =>
  new StateFailure(error.errorType ?? 'Lambda.Unknown', JSON.stringify(error));
