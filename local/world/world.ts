import type { Clock } from '../clock';
import type { ApiGatewayPort } from './apiGateway';
import type { Assumptions } from './assumptions';
import type { Delays } from './delays';
import type { Ids } from './ids';
import type { ConditionContext, Operation, Principal, ServiceName } from './operation';
import type { Retry } from './retrying';
import type { SchedulerPort } from './scheduler';

/** One account in one region, in one process. Rooms know each other through these ports only. */
export interface World {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly delays: Delays;
  readonly assumptions: Assumptions;
  /** Base URL of the embedded AWS, http://127.0.0.1:PORT; '' while it listens on no socket. */
  endpoint: string;
  readonly iam: IamPort;
  readonly ec2: Ec2Port;
  readonly imds: ImdsPort;
  readonly ssm: SsmPort;
  readonly logs: Room;
  readonly s3: S3Port;
  readonly states: StatesPort;
  readonly lambda: LambdaPort;
  readonly events: EventsPort;
  readonly sqs: SqsPort;
  readonly scheduler: SchedulerPort;
  readonly apiGateway: ApiGatewayPort;
  /** Calls an operation in-process as the account's root: for seeding and deployment. Input and output as in the SDK. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's shapes, known to the caller
  asRoot(service: ServiceName, operationName: string, input: object): Promise<any>;
}

/** A room: its port, its operations, and what ends with the world (sockets, children, timers). */
export interface Room {
  readonly operations: Operation[];
  close?(): Promise<void> | void;
}

/** Credentials as STS and IMDS hand them out. `expiration`: epoch ms. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: number;
}

/** What the wire needs to verify a signature. A session of a deleted role is not found. */
export interface AccessKey {
  secretAccessKey: string;
  sessionToken?: string;
  /** Epoch ms; undefined: never. */
  expiration?: number;
  principal: Principal;
}

export type Decision = { allowed: true } | { allowed: false; because: string };

export interface ProfileView {
  name: string;
  arn: string;
  id: string;
  role?: { name: string; arn: string; id: string };
}

export interface IamPort extends Room {
  accessKey(accessKeyId: string): AccessKey | undefined;
  /** Long-lived keys of the account's root. */
  readonly rootKey: { accessKeyId: string; secretAccessKey: string };
  /** For seeding: gives an existing user a key of the caller's choice, active once it has propagated. */
  putAccessKey(key: { userName: string; accessKeyId: string; secretAccessKey: string }): void;
  /** Issues a session for a role by name, without looking at trust. `lifetime` in ms. */
  issueSession(options: {
    roleName: string;
    sessionName: string;
    lifetime: number;
    sourceInstanceArn?: string;
    roleDelivery?: Principal['roleDelivery'];
  }): Credentials;
  /**
   * Identity policies, boundary and conditions, as authorization sees them now (after propagation).
   * `because` is the tail of AWS's message: 'because no identity-based policy allows the s3:GetObject action',
   * 'with an explicit deny in an identity-based policy', 'because no permissions boundary allows the … action'.
   */
  evaluate(principal: Principal, action: string, resource: string, context?: ConditionContext): Decision;
  /**
   * Does the role's trust policy (after propagation) let this service, or this principal, assume it? 'account': only as
   * one of its account, so that an identity policy has to allow it too. `context`: keys of the call, as in `evaluate`.
   */
  trusts(
    roleName: string,
    who: { service: string } | Principal,
    context?: ConditionContext,
  ): 'named' | 'account' | false;
  /** The instance profile as EC2 sees it (after propagation), by name or ARN. */
  profileSeenByEc2(nameOrArn: string): ProfileView | undefined;
  /** Seeds the AWS managed policies in use (AmazonSSMManagedInstanceCore, …) are there from the start. */
}

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export interface Instance {
  id: string;
  arn: string;
  state: InstanceState;
  tags: Record<string, string>;
  platform: 'Linux' | 'Windows';
  /** IMDS: 'required' refuses IMDSv1. */
  httpTokens: 'required' | 'optional';
  /** Does SSM Agent run on it? (Whether SSM sees it hangs on its permissions too.) */
  agent: { running: boolean; version: string };
  privateIp: string;
  /** Epoch ms at which it was added, or last began to start. */
  launchedAt: number;
  /** Epoch ms at which that start had it running; undefined: it was never started. */
  startedAt?: number;
}

export interface Ec2Port extends Room {
  instance(id: string): Instance | undefined;
  instances(): Instance[];
  /** Adds a running instance; with `profile` (a name, which EC2 must see by now) associated from the start. */
  addInstance(options: {
    id?: string;
    tags?: Record<string, string>;
    profile?: string;
    platform?: 'Linux' | 'Windows';
    httpTokens?: 'required' | 'optional';
    agent?: Partial<Instance['agent']>;
    state?: InstanceState;
  }): Instance;
  /** Starts the transition; states follow on the clock. */
  stopInstance(id: string, options?: { hibernate?: boolean }): void;
  startInstance(id: string): void;
  terminateInstance(id: string): void;
  /**
   * The profile that is attached, and since when (epoch ms): what IMDS serves once `imdsRefresh` has passed.
   * `at` (epoch ms, default now) asks for the past.
   */
  attachment(
    instanceId: string,
    at?: number,
  ): { profileArn: string; profileId: string; since: number } | { since: number } | undefined;
}

export interface ImdsPort extends Room {
  /** Starts (once) the instance's own metadata endpoint on a loopback port: http://127.0.0.1:PORT */
  endpoint(instanceId: string): Promise<string>;
  /** The same without a socket: what the metadata service would serve now for the role's credentials. */
  credentials(instanceId: string): { roleName: string; profileArn: string; credentials: Credentials } | undefined;
}

/** Runs what an agent runs. The real one is a child process; tests have one in virtual time. */
export interface Shell {
  /** It runs nothing that would look at a disk: no scratch folder is made for it. */
  readonly touchesNoFiles?: boolean;
  /**
   * @param script the lines of the script; `kind` names the interpreter
   * @param env the whole environment of the child: nothing else is inherited
   * @param cwd a scratch folder
   * @param signal aborts: the whole process group is killed
   */
  run(options: {
    kind: 'sh' | 'powershell';
    script: string;
    env: Record<string, string>;
    cwd: string;
    signal: AbortSignal;
    instanceId: string;
  }): Promise<{ exitCode: number; stdout: string; stderr: string }>;
}

/** A Command document, schema 1.2, 2.0 or 2.2, as JSON. */
export interface SsmDocument {
  name: string;
  content: Record<string, unknown>;
  owner: 'Amazon' | string;
}

/** An association of State Manager, to be seen: nothing runs by it. */
export interface SsmAssociation {
  /** Its document: AWS-AttachIAMToInstance */
  document: string;
  name?: string;
  /** Of one that was made for one instance, without targets. */
  instanceId?: string;
  targets?: { key: string; values: string[] }[];
  parameters?: Record<string, string[]>;
  automationTargetParameterName?: string;
  schedule?: string;
}

export interface SsmPort extends Room {
  putDocument(document: SsmDocument): void;
  removeDocument(name: string): void;
  /** A parameter of type String in Parameter Store; `tier` limits its size. */
  putParameter(parameter: { name: string; value: string; tier?: 'Standard' | 'Advanced' }): void;
  removeParameter(name: string): void;
  /** Returns its id. */
  putAssociation(association: SsmAssociation): string;
}

export interface S3Port extends Room {
  /** S3 is REST, not one operation per target: the wire hands requests over with everything verified. */
  route(request: {
    method: string;
    path: string;
    query: URLSearchParams;
    host: string;
    /** It has the header x-amz-copy-source, and with it the method and path of an upload. */
    copies: boolean;
  }): { operationName: string; bucket?: string; key?: string } | undefined;
}

export interface StateMachineDefinition {
  name: string;
  arn: string;
  /** The ASL, parsed. */
  definition: Record<string, unknown>;
  /** Name of the role under which it invokes functions. */
  roleName: string;
}

export interface StatesPort extends Room {
  /** @throws Error at load for anything that the engine does not interpret */
  putStateMachine(machine: StateMachineDefinition): void;
  /** Its executions end at once; on AWS, with their next state. */
  removeStateMachine(arn: string): void;
  /** What the machine's own TimeoutSeconds do when they are over, now. */
  expire(executionArn: string): void;
  /** For tests: hears of every state that an execution enters, or is redriven in, before the state does anything. */
  onEntered?: (executionArn: string, state: string) => void;
}

export interface FunctionDefinition {
  name: string;
  arn: string;
  /** Published version, e.g. '1'; invoked as `arn` or `arn:version`. */
  version?: string;
  environment: Record<string, string>;
  roleName: string;
  /** Seconds. */
  timeout: number;
  /** Folder of the bundle (index.js exports `handler`). */
  code: string;
  /** Who may invoke it by resource policy: AWS::Lambda::Permission. */
  permissions: { principal: string; sourceArn?: string }[];
  /** How many of its invocations may run at once, those of all its versions together; undefined: as many as come. */
  reservedConcurrency?: number;
  /** Name of the log group. */
  logGroup?: string;
  /** ARN of the queue for events that it failed to handle when it was invoked asynchronously. */
  deadLetters?: string;
}

/** The error object that Lambda returns for a function that failed: becomes Error and Cause in Step Functions. */
export interface FunctionError {
  errorType?: string;
  errorMessage: string;
  trace?: string[];
}

export type InvokeResult = { payload: unknown } | { functionError: FunctionError };

/** What actually runs a function: a worker with the bundle, or the handler in this process. */
export interface Launcher {
  /** `environment` is complete: AWS_* variables with the role's credentials included. `log` takes what the function writes. */
  launch(
    fn: FunctionDefinition,
    environment: () => Record<string, string>,
    log?: (text: string) => void,
  ): RunningFunction;
}

export interface RunningFunction {
  invoke(
    event: unknown,
    context: { requestId: string; functionName: string; functionVersion: string; invokedArn: string; deadline: number },
  ): Promise<InvokeResult>;
  close(): Promise<void> | void;
}

/** A service that acts for a resource, such as a rule. */
export interface ServiceCaller {
  service: string;
  sourceArn: string;
}

export interface LambdaPort extends Room {
  putFunction(fn: FunctionDefinition): void;
  /** @param arn of the function (its versions go with it), or of one version */
  removeFunction(arn: string): void;
  /**
   * @param invoker a principal (identity policy: lambda:InvokeFunction) or a service with a source ARN (resource policy)
   * @throws AwsError when the function did not run: TooManyRequestsException 429, ResourceNotFoundException 404, AccessDeniedException 403, ServiceException 500
   */
  invoke(arn: string, payload: unknown, invoker: Principal | ServiceCaller): Promise<InvokeResult>;
  /**
   * InvocationType Event: resolves when Lambda has taken the event. What becomes of it is Lambda's affair: it tries again, and
   * in the end leaves the event in the function's dead letters.
   * @throws AwsError when Lambda does not take it: as above, but TooManyRequestsException
   */
  invokeAsynchronously(arn: string, payload: unknown, invoker: Principal | ServiceCaller): Promise<void>;
}

export interface EventRule {
  name: string;
  arn: string;
  /** EventBridge event pattern; absent on a rule that has a schedule. */
  pattern?: Record<string, unknown>;
  /** As EventBridge writes it: rate(15 minutes). */
  schedule?: string;
  targets: EventTarget[];
}

export interface EventTarget {
  arn: string;
  /** ARN of the queue for events that could not be delivered. */
  deadLetters?: string;
  /** How long, and how often, what may pass is tried again. Default: EventBridge's 24 h, 185 times. */
  retry?: Retry;
}

export interface EventsPort extends Room {
  putRule(rule: EventRule): void;
  removeRule(name: string): void;
  /** Delivers to matching rules after `eventDelivery`. */
  publish(event: { source: string; 'detail-type': string; detail: Record<string, unknown>; resources: string[] }): void;
}

export interface QueueMessage {
  body: string;
  attributes: Record<string, string>;
}

export interface QueueDefinition {
  name: string;
  arn: string;
  /** Milliseconds for which a message is kept. */
  retention: number;
}

export interface SqsPort extends Room {
  putQueue(queue: QueueDefinition): void;
  removeQueue(arn: string): void;
  /** Which services may send to it by its own policy, and for which resource: AWS::SQS::QueuePolicy. */
  setSenders(arn: string, senders: { principal: string; sourceArn: string }[]): void;
  /** @throws AwsError when the queue is not there, or the sender may not */
  send(arn: string, message: QueueMessage, sender: Principal | ServiceCaller): void;
  /** What lies there, oldest first: for who looks into the world. */
  messages(arn: string): QueueMessage[];
}
