import type { Handler } from '../../../functions/common/lambda';
import { create } from '../../../functions/requestElevation/handler';
import type { Grant } from '../../../state-machine/catalogue';
import type { Answer } from '../../support/api';

export const CALLER = {
  arn: 'arn:aws:sts::123456789012:assumed-role/Operators/jane',
  userId: 'AROAEXAMPLE0000000000:jane',
};
const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:prod-elevation';

const grant = (more: Partial<Grant> = {}): Grant => ({
  description: 'One of many',
  maxMinutes: 60,
  documents: ['AWS-RunShellScript', 'AWS-RunRemoteScript'],
  policy: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/x' }],
  },
  ...more,
});

const GRANTS = {
  read: grant(),
  'no-hold': grant({ hold: false }),
  others: grant({ requesters: ['arn:aws:sts::123456789012:assumed-role/Others/*'] }),
};

const ENV = {
  STEPUP_DEPLOYMENT: 'prod',
  STEPUP_DRAIN_MINUTES: '420',
  STEPUP_OUTPUT_LOCATIONS: '[]',
  STEPUP_DEFAULT_OUTPUT: 'null',
  STEPUP_RESTORABLE_ROLES: '["*"]',
  STEPUP_INHERITABLE_POLICIES: '["*"]',
  STEPUP_ELEVATION_MACHINE: MACHINE,
  STEPUP_RUNBOOK: 'docs/runbook.md',
};

/** A Lambda proxy event of API Gateway, which has let it in. */
// biome-ignore lint/suspicious/noExplicitAny: tests send what no type allows
export type Event = any;

export interface Bare {
  handler: Handler<{ statusCode: number; headers: Record<string, string>; body: string }>;
  /** What StartExecution was called with. */
  started: { name: string; stateMachineArn: string; input: string }[];
  log: string[];
  answer(event: Event): Promise<Answer>;
}

interface Outgoing {
  hostname: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

/**
 * The function in front of an AWS that has no executions and no instances, and that starts whatever it is asked to.
 * @param hasRun input of an execution that is there after all, whatever its name
 */
export function bareFunction(hasRun?: string): Bare {
  const started: Bare['started'] = [];
  const log: string[] = [];
  const reply = (statusCode: number, body: string) => ({
    response: { statusCode, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(body) },
  });
  const handle = async ({ hostname, headers, body }: Outgoing) => {
    const operation = headers['x-amz-target']?.split('.')[1];
    if (operation === 'StartExecution') {
      const input = JSON.parse(Buffer.from(new Uint8Array(body)).toString());
      started.push(input);
      const executionArn = `${MACHINE.replace('stateMachine', 'execution')}:${input.name}`;
      return reply(200, JSON.stringify({ executionArn, startDate: 1_790_000_000 }));
    }
    if (operation === 'DescribeExecution' && hasRun !== undefined)
      return reply(200, JSON.stringify({ status: 'SUCCEEDED', startDate: 1_790_000_000, input: hasRun }));
    if (operation === 'DescribeExecution') return reply(400, '{"__type":"ExecutionDoesNotExist","message":"none"}');
    if (operation === 'ListExecutions') return reply(200, '{"executions":[]}');
    if (hostname.startsWith('ec2'))
      return reply(200, '<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>');
    throw new Error(`Nobody expected ${operation} of ${hostname}`);
  };
  const handler = create({
    env: ENV,
    clock: { now: () => 1_790_000_000_000, sleep: () => new Promise(() => undefined) },
    catalogue: () => ({ grants: GRANTS, core: grant().policy, inherit: { policy: grant().policy } }),
    clientSettings: {
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
      maxAttempts: 1,
      requestHandler: { metadata: { handlerProtocol: 'h1' }, handle, destroy: () => undefined },
    },
    log: (line) => void log.push(line),
  }) as Bare['handler'];
  const answer = async (event: Event): Promise<Answer> => {
    const { statusCode, headers, body } = await handler(event, { awsRequestId: 'request' });
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    return { status: statusCode, headers: Object.fromEntries(lower), body: JSON.parse(body) };
  };
  return { handler, started, log, answer };
}

export const INSTANCE = 'i-0123456789abcdef0';
export const STARTS = `/grants/read/instances/${INSTANCE}/elevations`;

/** As API Gateway makes it of a request; `change` says what is otherwise. */
export function eventOf(httpMethod: string, path: string, change: Event = {}): Event {
  const [, first, grantName, , instanceId, ...rest] = path.split('/');
  const isElevation = first === 'grants' && rest.length > 0;
  const [elevations, name, release] = rest;
  const known = isElevation
    ? {
        resource: ['/grants/{grant}/instances/{instanceId}', elevations, name && '{name}', release]
          .filter(Boolean)
          .join('/'),
        pathParameters: { grant: grantName, instanceId, ...(name && { name }) },
      }
    : first === 'instances' && grantName
      ? {
          resource: path.replace(grantName, '{instanceId}'),
          pathParameters: { instanceId: grantName },
        }
      : { resource: path, pathParameters: null };
  return {
    ...{ httpMethod, path, ...known, isBase64Encoded: false, multiValueQueryStringParameters: null },
    multiValueHeaders: { 'Content-Type': ['application/json'], 'Idempotency-Key': ['job-1'] },
    body: httpMethod === 'POST' && !release ? '{"work":{"shell":["echo done"]}}' : null,
    ...change,
    requestContext: {
      ...{ requestId: 'c0ffee', stage: 'v1', path: `/v1${path}`, accountId: '123456789012' },
      identity: { userArn: CALLER.arn, user: CALLER.userId, caller: CALLER.userId, sourceIp: '192.0.2.1' },
      ...change.requestContext,
    },
  };
}
