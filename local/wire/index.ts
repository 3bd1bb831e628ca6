import { AwsError, type Operation, type Principal, type ServiceName, type World } from '../world';
import { authenticate, UNSIGNED_CHUNKS } from './authenticate';
import { decodeAwsChunked } from './awsChunked';
import { createCall } from './call';
import { type InProcessHandler, inProcessHandler } from './inProcess';
import { logsJson, ssmJson, statesJson } from './json';
import { ConnectionLost, type WireRequest, type WireResponse } from './message';
import type { Protocol } from './protocol';
import { ec2Query, iamQuery, stsQuery } from './query';
import { type Reason, refusal } from './refusals';
import { schedulerJson } from './restJson';
import { restXml } from './restXml';
import { createWireServer } from './server';
import { type Authorization, readAuthorization } from './sigv4';
import { signersClock } from './time';

export { createCall, rootPrincipal } from './call';
export { createGate } from './gate';
export { ConnectionLost } from './message';
export { createWireServer } from './server';

/**
 * Stands around every run of an operation: logs it, fails it (AwsError), holds it, or loses its answer
 * (ConnectionLost), before or after `proceed`.
 */
export type Intercept = (
  call: {
    service: ServiceName;
    operation: string;
    principal: Principal;
    input: unknown;
    headers: Record<string, string>;
  },
  proceed: () => Promise<unknown>,
) => Promise<unknown>;

export interface WireOptions {
  intercept?: Intercept;
  /** 'trusted': the access key alone says who calls, so that many calls in one process cost no hashes. */
  signatures?: 'verified' | 'trusted';
  /** Hears of what no operation should throw; the caller gets a 500. */
  onFault: (error: unknown) => void;
  /** Epoch ms of the wall clock, by which child processes sign. */
  wallTime: () => number;
}

export interface Wire {
  /** @returns the base URL on 127.0.0.1 */
  listen(port: number): Promise<string>;
  /** For `requestHandler` of an SDK client in this process: no socket, no timer. */
  requestHandler(): InProcessHandler;
  close(): Promise<void>;
}

const PROTOCOLS: Record<ServiceName, Protocol> = {
  ec2: ec2Query,
  iam: iamQuery,
  sts: stsQuery,
  ssm: ssmJson,
  logs: logsJson,
  states: statesJson,
  s3: restXml,
  scheduler: schedulerJson,
};
const isService = (name: string): name is ServiceName => Object.hasOwn(PROTOCOLS, name);

interface Asked {
  request: WireRequest;
  protocol: Protocol;
  /** Undefined: it has none that could be read. */
  authorization: Authorization | undefined;
  /** Epoch ms of the clock that the request was signed by. */
  now: () => number;
}

type Refuse = (reason: Reason, fields?: Record<string, string>) => AwsError;

/** In whose form to refuse a request that names no service of ours. */
function protocolByShape({ headers, path }: WireRequest): Protocol {
  if (headers['x-amz-target']) return headers['content-type']?.endsWith('1.0') ? statesJson : ssmJson;
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return isForm && path === '/' ? iamQuery : restXml;
}

export function createWire(world: World, operations: Operation[], options: WireOptions): Wire {
  const registry = new Map(operations.map((operation) => [`${operation.service}:${operation.name}`, operation]));

  /** The operation that the request asks for, ready to run. */
  const open = ({ request, protocol, authorization, now }: Asked, refuse: Refuse) => {
    if (!isDecodable(`${request.path}?${request.query}`)) throw refuse('malformedUri');
    const attempted =
      request.headers.authorization ||
      /(^|&)(X-Amz-(Algorithm|Signature)|AWSAccessKeyId|Signature)=/.test(request.query);
    if (!authorization) throw refuse(attempted ? 'unsupportedSigning' : 'unsigned');
    const { service } = authorization;
    if (!isService(service)) throw refuse('unknownOperation');
    const principal = authenticate({
      world,
      request,
      authorization,
      refuse,
      now,
      trusted: options.signatures === 'trusted',
    });
    const target = protocol.target(request, world);
    const operation = registry.get(`${service}:${target?.operation}`);
    if (!target || !operation) throw refuse('unknownOperation');
    return { service, principal, operation, labels: target.labels ?? {} };
  };

  const perform = async (asked: Asked, requestId: string) => {
    const { request, protocol } = asked;
    const refuse: Refuse = (reason, fields) => refusal(protocol, reason, fields);
    const { service, principal, operation, labels } = open(asked, refuse);
    const input = await protocol.input(operation, decoded(request), labels);
    const conditions = { 'aws:UserAgent': request.headers['user-agent'], ...protocol.conditions?.(request, world) };
    const call = createCall({ world, service, input, principal, requestId, conditions });
    const proceed = async () => operation.run(call);
    const { intercept } = options;
    const output = await (intercept
      ? intercept({ service, operation: operation.name, principal, input, headers: request.headers }, proceed)
      : proceed());
    return protocol.success(operation, output, requestId);
  };

  const respond = async (asked: Asked): Promise<WireResponse> => {
    const { request, protocol } = asked;
    const requestId = world.ids.uuid();
    try {
      return await perform(asked, requestId);
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      if (error instanceof AwsError) return protocol.failure(error, requestId, request);
      options.onFault(error);
      return protocol.failure(refusal(protocol, 'internal'), requestId, request);
    }
  };

  const answer = async (request: WireRequest): Promise<WireResponse> => {
    const authorization = readAuthorization(request.headers.authorization);
    const service = authorization?.service ?? '';
    const protocol = isService(service) ? PROTOCOLS[service] : protocolByShape(request);
    const now = signersClock(request, world, options.wallTime);
    const { headers, ...response } = await respond({ request, protocol, authorization, now });
    // The SDKs correct their own clock by it.
    return { ...response, headers: { date: new Date(now()).toUTCString(), ...headers } };
  };

  const server = createWireServer(answer);
  return { ...server, requestHandler: () => inProcessHandler(answer) };
}

function isDecodable(uri: string): boolean {
  try {
    decodeURIComponent(uri);
    return true;
  } catch {
    return false;
  }
}

/** Trailers become headers, as if the client had known the checksum before it sent the body. */
function decoded(request: WireRequest): WireRequest {
  if (request.headers['x-amz-content-sha256'] !== UNSIGNED_CHUNKS) return request;
  const body = decodeAwsChunked(request.body);
  const length = Number(request.headers['x-amz-decoded-content-length']);
  if (body?.content.length !== length) {
    throw new AwsError(
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header',
    );
  }
  return { ...request, body: body.content, headers: { ...request.headers, ...body.trailers } };
}
