import {
  AwsError,
  type Credentials,
  type FunctionDefinition,
  type InvokeResult,
  type LambdaPort,
  type Launcher,
  type Principal,
  type RunningFunction,
  type ServiceCaller,
  type World,
} from '../world';
import { createQueue } from './asynchronous';
import { createLogs } from './logs';

export interface LambdaOptions {
  /** Stands before every invocation: may fail it, delay it, or kill it after it has run. */
  intercept?: (fn: FunctionDefinition, event: unknown, proceed: () => Promise<InvokeResult>) => Promise<InvokeResult>;
}

type Invoker = Principal | ServiceCaller;

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
/** Of asynchronous ones. AWS allows 1 MB since October 2025; no event of EventBridge comes near. */
const LARGEST_EVENT = 262_144;

/** Lambda: functions run by `launcher`, one instance per concurrent invocation, kept warm. */
export function createLambda(world: World, launcher: Launcher, options: LambdaOptions = {}): LambdaPort {
  const functions = new Map<string, FunctionDefinition>();
  const sessions = new Map<FunctionDefinition, { credentials: Credentials; issuedAt: number }>();
  const idle = new Map<FunctionDefinition, Instance[]>();
  const busy = new Map<Instance, FunctionDefinition>();
  const queue = createQueue(world);

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

  const principalOf = (fn: FunctionDefinition) => world.iam.accessKey(sessionOf(fn).accessKeyId)!.principal;
  const logOf = createLogs(world, principalOf);

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
    return { running: launcher.launch(fn, () => environmentOf(fn), logOf(fn)), startedAt };
  };

  const execute = async (fn: FunctionDefinition, invokedArn: string, event: unknown): Promise<InvokeResult> => {
    const requestId = world.ids.uuid();
    const failed = (errorType: string, message: string) => ({
      functionError: { errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` },
    });
    // Of the function as it is now, whatever version runs.
    checkConcurrency(functions.get(fn.arn) ?? fn, busy.values());
    const instance = take(fn);
    busy.set(instance, fn);
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

  /** The function and its payload as it travels, if the invoker may. */
  const accept = (arn: string, payload: unknown, invoker: Invoker, largest: number) => {
    const fn = functions.get(arn);
    authorize(world, fn, arn, invoker);
    if (!fn) {
      const qualified = arn.split(':').length > 7 ? arn : `${arn}:$LATEST`;
      throw new AwsError('ResourceNotFoundException', `Function not found: ${qualified}`, 404);
    }
    const text = JSON.stringify(payload ?? {});
    if (Buffer.byteLength(text) > largest) {
      const message = `Request must be smaller than ${largest} bytes for the InvokeFunction operation`;
      throw new AwsError('RequestTooLargeException', message, 413);
    }
    return { fn, text };
  };

  return {
    operations: [],
    putFunction: (fn) => {
      functions.set(fn.arn, fn);
      if (fn.version) functions.set(`${fn.arn}:${fn.version}`, fn);
    },
    removeFunction: (arn) => {
      for (const known of functions.keys()) if (known === arn || known.startsWith(`${arn}:`)) functions.delete(known);
    },
    invoke: async (arn, payload, invoker) => {
      const { fn, text } = accept(arn, payload, invoker, LARGEST_REQUEST);
      return delivered(await execute(fn, arn, JSON.parse(text)));
    },
    invokeAsynchronously: async (arn, payload, invoker) => {
      const { fn, text } = accept(arn, payload, invoker, LARGEST_EVENT);
      queue.take({
        fn,
        payload: JSON.parse(text),
        run: async () => {
          const now = functions.get(arn);
          // A function that is deleted takes its events with it.
          return now ? execute(now, arn, JSON.parse(text)) : { payload: null };
        },
        principal: () => principalOf(fn),
      });
    },
    close: async () => {
      queue.close();
      const instances = [...Array.from(idle.values()).flat(), ...busy.keys()];
      await Promise.all(instances.map((instance) => instance.running.close()));
    },
  };
}

/** Versions share what is reserved for their function. @throws AwsError TooManyRequestsException beyond it */
function checkConcurrency({ name, reservedConcurrency }: FunctionDefinition, running: Iterable<FunctionDefinition>) {
  if (reservedConcurrency === undefined) return;
  const others = Array.from(running).filter((fn) => fn.name === name).length;
  if (others < reservedConcurrency) return;
  // aws-facts-2 12.3. Its Reason, ReservedFunctionConcurrentInvocationLimitExceeded, reaches no state machine.
  throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
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
    permission.principal === service && isLike(sourceArn, permission.sourceArn ?? sourceArn);
  if (!fn || fn.permissions.some(permits)) return;
  throw new AwsError('AccessDeniedException', `${service} may not perform ${action} on ${arn} for ${sourceArn}`, 403);
}

/** As ArnLike compares: part by part; in a pattern's part * stands for any text, ? for one character. */
function isLike(arn: string, pattern: string): boolean {
  const partsOf = (text: string) => {
    const [first, ...parts] = text.split(':');
    return [first, ...parts.slice(0, 4), parts.slice(4).join(':')] as string[];
  };
  const asRegExp = (part: string) =>
    new RegExp(
      `^${part
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    );
  const parts = partsOf(arn);
  return partsOf(pattern).every((part, at) => asRegExp(part).test(parts[at] ?? ''));
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
