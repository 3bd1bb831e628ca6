import type { ApiGatewayPort, HttpRequest, HttpResponse, World } from '../world';
import { createAccessLog } from './accessLog';
import { type Authenticate, serve } from './answer';
import { type Api, apiOf, type Store } from './store';
import type { Facts } from './variables';

export type { Authenticate } from './answer';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** 09/Apr/2026:12:34:56 +0000 */
function requestTime(now: number): string {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(new Date(now).toISOString()) ?? [];
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}

/** What says nothing of any API: there is none at this host, or no such stage. */
function forbidden(): HttpResponse {
  return {
    status: 403,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'ForbiddenException' },
    body: new Uint8Array(Buffer.from('{"message":"Forbidden"}')),
  };
}

/** REST APIs with IAM authorization and Lambda proxy integrations. */
export function createApiGateway(world: World, authenticate: Authenticate): ApiGatewayPort {
  const store: Store = new Map();
  const log = createAccessLog(world);

  const apiAt = (host = ''): Api | undefined => {
    const [, id] = /^([a-z0-9]+)\.(?:execute-api\.|localhost(?::|$))/.exec(host) ?? [];
    return id ? store.get(id) : store.size === 1 ? [...store.values()][0] : undefined;
  };

  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    const began = world.clock.now();
    const api = apiAt(request.headers.host);
    const stage = api?.stages.get(request.path.split('/')[1] ?? '');
    const ids = { requestId: world.ids.uuid(), extendedRequestId: `${world.ids.secret(15)}=` };
    const common = { 'x-amzn-requestid': ids.requestId, 'x-amz-apigw-id': ids.extendedRequestId };
    const date = new Date(began).toUTCString();
    if (!api || !stage) {
      const { headers, ...response } = forbidden();
      return { ...response, headers: { date, ...headers, ...common } };
    }
    const begun: Facts = {
      ...ids,
      ...{ apiId: api.id, stage: stage.name, httpMethod: request.method, path: request.path },
      ...{ requestTime: requestTime(began), requestTimeEpoch: began },
    };
    const parts = api.deployments.get(stage.deploymentId) as Api['parts'];
    const { facts, response } = await serve({ world, authenticate, api, request, parts }, begun);
    const lengths = { responseLength: response.body.length, responseLatency: world.clock.now() - began };
    log(stage, { ...facts, ...lengths });
    return { ...response, headers: { date, ...response.headers, ...common } };
  };

  return {
    operations: [],
    putApi: (id) => {
      const rootId = world.ids.hex(10);
      store.set(id, { id, rootId, parts: new Map(), deployments: new Map(), stages: new Map() });
      return rootId;
    },
    removeApi: (id) => void store.delete(id),
    putPart: (apiId, id, part) => void apiOf(store, apiId).parts.set(id, part),
    removePart: (apiId, id) => void store.get(apiId)?.parts.delete(id),
    deployApi: (apiId, id) => {
      const api = apiOf(store, apiId);
      api.deployments.set(id, new Map(api.parts));
    },
    removeDeployment: (apiId, id) => {
      const api = apiOf(store, apiId);
      const using = [...api.stages.values()].find(({ deploymentId }) => deploymentId === id);
      if (using) throw new Error('Active stages pointing to this deployment must be moved or deleted');
      api.deployments.delete(id);
    },
    putStage: (apiId, stage) => {
      const { deployments, stages } = apiOf(store, apiId);
      if (!deployments.has(stage.deploymentId)) throw new Error(`Invalid Deployment identifier ${stage.deploymentId}`);
      stages.set(stage.name, stage);
    },
    removeStage: (apiId, name) => void apiOf(store, apiId).stages.delete(name),
    stages: () =>
      [...store.values()].flatMap(({ id, stages }) => [...stages.keys()].map((name) => ({ apiId: id, name }))),
    answer,
  };
}
