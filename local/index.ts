import { join } from 'node:path';
import { createApiGateway } from './apigateway';
import { type Clock, wallClock } from './clock';
import { type CloudFormation, createCloudFormation } from './deploy';
import { createEc2 } from './ec2';
import { createEvents } from './events';
import { createIam } from './iam';
import { createImds } from './imds';
import { createLambda } from './lambda';
import { workerLauncher } from './lambda/worker';
import { createLogs } from './logs';
import { createS3 } from './s3';
import { createScheduler } from './scheduler';
import { createSqs } from './sqs';
import { createSsm } from './ssm';
import { childShell } from './ssm/shell';
import { createStates } from './states';
import { createSts } from './sts';
import {
  createCall,
  createGate,
  createWire,
  createWireServer,
  type Intercept,
  rootPrincipal,
  type Wire,
  type WireOptions,
} from './wire';
import {
  type Assumptions,
  createIds,
  DEFAULT_ASSUMPTIONS,
  DEFAULT_DELAYS,
  type Delays,
  type HttpRequest,
  type HttpResponse,
  type Launcher,
  type Operation,
  type Shell,
  type World,
} from './world';

export type { Clock } from './clock';
export { wallClock } from './clock';
export { readStack } from './deploy';
export { onPath } from './ssm/shell';
export type { Intercept } from './wire';
export { ConnectionLost } from './wire';
export type { Assumptions, Delays, Launcher, Principal, Shell, World } from './world';
export { AwsError } from './world';

export interface LocalAwsOptions {
  /** The same seed gives the same ids, keys and secrets. */
  seed?: string;
  account?: string;
  region?: string;
  clock?: Clock;
  delays?: Partial<Delays>;
  /** `false` negates one. */
  assumptions?: Partial<Assumptions>;
  shell?: Shell;
  launcher?: Launcher;
  intercept?: Intercept;
  signatures?: WireOptions['signatures'];
  /** Hears of faults of the embedded AWS itself; by default they are written to stderr. */
  onFault?: (error: unknown) => void;
}

export interface LocalAws extends CloudFormation {
  world: World;
  /** Opens the one HTTP endpoint on 127.0.0.1, and returns its URL. */
  listen(port?: number): Promise<string>;
  /** Opens another endpoint on 127.0.0.1, for the REST APIs of the account, and returns its URL: it ends before the stage. */
  listenForApis(port?: number): Promise<string>;
  /** For SDK clients in this process: no socket, no timer. */
  requestHandler: Wire['requestHandler'];
  close(): Promise<void>;
}

const rooms = (world: World) => [
  world.iam,
  createSts(world),
  world.ec2,
  world.imds,
  world.ssm,
  world.logs,
  world.s3,
  world.states,
  world.lambda,
  world.events,
  world.sqs,
  world.scheduler,
  world.apiGateway,
];

/** Everything that the embedded AWS can do, as docs/local-aws.md lists it. */
export function operations(world: World): Operation[] {
  return rooms(world).flatMap((room) => room.operations);
}

/** Stands for the AWS SDK that is installed on an instance. */
const NODE_PATH = join(__dirname, '..', 'node_modules');

function createWorld(
  { seed, account = '123456789012', region = 'us-east-1', ...options }: LocalAwsOptions,
  requestHandler: Wire['requestHandler'],
): World {
  const base = {
    account,
    region,
    partition: 'aws',
    clock: options.clock ?? wallClock(),
    ids: createIds(seed),
    delays: { ...DEFAULT_DELAYS, ...options.delays },
    assumptions: { ...DEFAULT_ASSUMPTIONS, ...options.assumptions },
    endpoint: '',
  };
  // Rooms look at each other only when they are called: by then all are there.
  const world = base as World;
  let known: Operation[] | undefined;
  return Object.assign(world, {
    iam: createIam(world),
    ec2: createEc2(world),
    imds: createImds(world),
    ssm: createSsm(world, options.shell ?? childShell(), { requestHandler, nodePath: NODE_PATH }),
    logs: createLogs(world),
    s3: createS3(world),
    states: createStates(world),
    lambda: createLambda(world, options.launcher ?? workerLauncher(world)),
    events: createEvents(world),
    sqs: createSqs(world),
    scheduler: createScheduler(world),
    apiGateway: createApiGateway(
      world,
      createGate(world, 'execute-api', { signatures: options.signatures, wallTime: wallClock().now }),
    ),
    asRoot: async (service: Operation['service'], name: string, input: object) => {
      known ??= operations(world);
      const operation = known.find((one) => one.service === service && one.name === name);
      if (!operation) throw new Error(`The embedded AWS has no ${service} ${name}: see docs/local-aws.md`);
      const caller = { principal: rootPrincipal(world), requestId: world.ids.uuid() };
      return operation.run(createCall({ world, service, input, ...caller }));
    },
  });
}

/** More than API Gateway takes: it says so itself, in the form that the API gives it. */
const LARGEST_API_BODY_MIB = 16;
const LARGEST_API_HEAD = 64 * 1024;

/** API Gateway at a socket: a fault of the embedded AWS ends a request, not the account. */
function apiServer({ apiGateway }: World, onFault: WireOptions['onFault']) {
  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    try {
      return await apiGateway.answer(request);
    } catch (error) {
      onFault(error);
      return {
        status: 500,
        headers: { 'content-type': 'application/json' },
        body: new Uint8Array(Buffer.from('{"message":"Internal server error"}')),
      };
    }
  };
  return createWireServer(answer, () => LARGEST_API_BODY_MIB, LARGEST_API_HEAD);
}

/** An AWS account in this process. */
export function createLocalAws(options: LocalAwsOptions = {}): LocalAws {
  const world = createWorld(options, () => wire.requestHandler());
  const toStderr = (error: unknown) => console.error('Fault of the embedded AWS:', error);
  const { intercept, signatures, onFault = toStderr } = options;
  const wire: Wire = createWire(world, operations(world), {
    intercept,
    signatures,
    onFault,
    wallTime: wallClock().now,
  });
  const apis = apiServer(world, onFault);
  return {
    world,
    requestHandler: wire.requestHandler,
    ...createCloudFormation(world),
    listen: async (port = 0) => {
      world.endpoint = await wire.listen(port);
      return world.endpoint;
    },
    listenForApis: (port = 0) => apis.listen(port),
    close: async () => {
      await wire.close();
      await apis.close();
      for (const room of rooms(world)) await room.close?.();
    },
  };
}
