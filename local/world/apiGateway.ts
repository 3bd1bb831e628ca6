import type { Room } from './world';

/** An HTTP request as a server sees it. */
export interface HttpRequest {
  method: string;
  /** As sent: percent-encoded, without the query string. */
  path: string;
  /** As sent, without the question mark. */
  query: string;
  /** Names in lower case; several of one name joined by commas. */
  headers: Record<string, string>;
  /** As sent, one by one; default: those of `headers`. */
  rawHeaders?: [name: string, value: string][];
  body: Uint8Array;
}

export interface HttpResponse {
  status: number;
  headers: Record<string, string | string[]>;
  body: Uint8Array;
}

/** One part of a REST API, as its template has it. */
export type ApiPart =
  | { kind: 'resource'; parentId: string; pathPart: string }
  | { kind: 'method'; resourceId: string; httpMethod: string; functionArn: string }
  | { kind: 'response'; type: string; status: number | undefined; headers: Record<string, string>; body?: string };

export interface ApiStage {
  name: string;
  deploymentId: string;
  /** Name of a log group, and what a line says, with $context variables. */
  accessLog?: { group: string; format: string };
}

/** REST APIs of API Gateway. What is put into one is not served before it is deployed, and a stage has that deployment. */
export interface ApiGatewayPort extends Room {
  /** @returns the id of its root resource */
  putApi(apiId: string): string;
  removeApi(apiId: string): void;
  putPart(apiId: string, id: string, part: ApiPart): void;
  removePart(apiId: string, id: string): void;
  /** Takes what the API has now. */
  deployApi(apiId: string, deploymentId: string): void;
  removeDeployment(apiId: string, deploymentId: string): void;
  putStage(apiId: string, stage: ApiStage): void;
  removeStage(apiId: string, name: string): void;
  /** Of every stage that is served: its API, and its name. */
  stages(): { apiId: string; name: string }[];
  /** The data plane: to `ID.execute-api.REGION.amazonaws.com`, to `ID.localhost`, or, while there is one API, to any host. */
  answer(request: HttpRequest): Promise<HttpResponse>;
}
