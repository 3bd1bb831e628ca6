import {
  AwsError,
  type Credentials,
  type FunctionDefinition,
  type InvokeResult,
  type LambdaPort,
  type Launcher,
  type Principal,
  type RunningFunction,
  type World,
} from '../world';

export interface LambdaOptions {
  /** Stands before every invocation: may fail it, delay it, or kill it after it has run. */
  intercept?: (fn: FunctionDefinition, event: unknown, proceed: () => Promise<InvokeResult>) => Promise<InvokeResult>;
}

type Invoker = Principal | { service: string; sourceArn: string };

interface Instance {
  running: RunningFunction;
  startedAt: number;
}

/** Instances live for half of their role session. */
const SESSION_LIFETIME = 12 * 3_600_000;
const INSTANCE_LIFETIME = SESSION_LIFETIME / 2;
/** aws-facts-2 12.3, 12.6: synchronous payloads. */
const LARGEST_REQUEST = 6_291_456;
const LARGEST_RESPONSE = 6_291_556;

/** Lambda: functions run by `launcher`, one instance per concurrent invocation, kept warm. */
export function createLambda(world: World, launcher: Launcher, options: LambdaOptions = {}): LambdaPort {
  const functions = new Map<string, FunctionDefinition>();
  const sessions = new Map<FunctionDefinition, { credentials: Credentials; issuedAt: number }>();
  const idle = new Map<FunctionDefinition, Instance[]>();
  const busy = new Set<Instance>();

  const sessionOf = (fn: FunctionDefinition) => {
    const known = sessions.get(fn);
    if (known && world.clock.now() - known.issuedAt < INSTANCE_LIFETIME) return known.credentials;
    const { roleName, name: sessionName } = fn;
    if (!world.iam.trusts(roleName, { service: 'lambda.amazonaws.com' })) {
      // Unconfirmed: code and status; the words are those of CreateFunction (aws-facts-2 12.6).
      const message = 'The role defined for the function cannot be assumed by Lambda.';
      throw new AwsError('AccessDeniedException', message, 403);
    }
    const credentials = world.iam.issueSession({ roleName, sessionName, lifetime: SESSION_LIFETIME });
    sessions.set(fn, { credentials, issuedAt: world.clock.now() });
    return credentials;
  };

  const environmentOf = (fn: FunctionDefinition) => {
    const { accessKeyId, secretAccessKey, sessionToken } = sessionOf(fn);
    return {
      ...fn.environment,
      AWS_REGION: world.region,
      AWS_DEFAULT_REGION: world.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_LAMBDA_FUNCTION_NAME: fn.name,
      AWS_LAMBDA_FUNCTION_VERSION: fn.version ?? '$LATEST',
      AWS_ENDPOINT_URL: world.endpoint,
    };
  };

  const take = (fn: FunctionDefinition): Instance => {
    const startedAt = world.clock.now();
    for (let instance = idle.get(fn)?.pop(); instance; instance = idle.get(fn)?.pop()) {
      if (startedAt - instance.startedAt < INSTANCE_LIFETIME) return instance;
      void instance.running.close();
    }
    // A role that Lambda cannot assume fails here, before anything is launched.
    sessionOf(fn);
    return { running: launcher.launch(fn, () => environmentOf(fn)), startedAt };
  };

  const execute = async (fn: FunctionDefinition, invokedArn: string, event: unknown): Promise<InvokeResult> => {
    const requestId = world.ids.uuid();
    const failed = (errorType: string, message: string) => ({
      functionError: { errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` },
    });
    const instance = take(fn);
    busy.add(instance);
    const context = {
      requestId,
      functionName: fn.name,
      functionVersion: fn.version ?? '$LATEST',
      invokedArn,
      deadline: world.clock.now() + fn.timeout * 1000,
    };
    const proceed = () => instance.running.invoke(event, context);
    const run = options.intercept ? () => options.intercept!(fn, event, proceed) : proceed;
    let survives = true;
    try {
      const result = await within(world, fn.timeout * 1000, run());
      survives = result !== undefined;
      return result ?? failed('Sandbox.Timedout', `Task timed out after ${fn.timeout.toFixed(2)} seconds`);
    } catch (error) {
      survives = error instanceof AwsError;
      if (error instanceof AwsError) throw error;
      return failed('Runtime.ExitError', (error as Error).message);
    } finally {
      busy.delete(instance);
      if (survives) idle.set(fn, [...(idle.get(fn) ?? []), instance]);
      else await instance.running.close();
    }
  };

  return {
    operations: [],
    putFunction: (fn) => {
      functions.set(fn.arn, fn);
      if (fn.version) functions.set(`${fn.arn}:${fn.version}`, fn);
    },
    invoke: async (arn, payload, invoker) => {
      const fn = functions.get(arn);
      authorize(world, fn, arn, invoker);
      if (!fn) {
        const qualified = arn.split(':').length > 7 ? arn : `${arn}:$LATEST`;
        throw new AwsError('ResourceNotFoundException', `Function not found: ${qualified}`, 404);
      }
      const text = JSON.stringify(payload ?? {});
      if (Buffer.byteLength(text) > LARGEST_REQUEST) {
        const message = `Request must be smaller than ${LARGEST_REQUEST} bytes for the InvokeFunction operation`;
        throw new AwsError('RequestTooLargeException', message, 413);
      }
      return delivered(await execute(fn, arn, JSON.parse(text)));
    },
    close: async () => {
      const instances = [...Array.from(idle.values()).flat(), ...busy];
      await Promise.all(instances.map((instance) => instance.running.close()));
    },
  };
}

/** A principal needs an identity policy; a service needs the function's own permission, with its source. */
function authorize(world: World, fn: FunctionDefinition | undefined, arn: string, invoker: Invoker): void {
  const action = 'lambda:InvokeFunction';
  if ('kind' in invoker) {
    const decision = world.iam.evaluate(invoker, action, arn);
    if (decision.allowed) return;
    const message = `User: ${invoker.arn} is not authorized to perform: ${action} on resource: ${arn} ${decision.because}`;
    throw new AwsError('AccessDeniedException', message, 403);
  }
  const { service, sourceArn } = invoker;
  const permits = (permission: { principal: string; sourceArn?: string }) =>
    permission.principal === service && (permission.sourceArn ?? sourceArn) === sourceArn;
  if (!fn || fn.permissions.some(permits)) return;
  throw new AwsError('AccessDeniedException', `${service} may not perform ${action} on ${arn} for ${sourceArn}`, 403);
}

/** What `work` resolves to, or undefined once `ms` have passed. */
function within<T>(world: World, ms: number, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = world.clock.after(ms, () => resolve(undefined));
    work.then(resolve, reject).finally(cancel);
  });
}

/** The result as it travels: JSON, of limited size. */
function delivered(result: InvokeResult): InvokeResult {
  if ('functionError' in result) return result;
  const text = JSON.stringify(result.payload ?? null);
  if (Buffer.byteLength(text) <= LARGEST_RESPONSE) return { payload: JSON.parse(text) };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${LARGEST_RESPONSE} bytes).`;
  return { functionError: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } };
}
