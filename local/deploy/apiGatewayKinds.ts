import type { ApiPart } from '../world';
import { type Context, type Kind, lastPart, type Properties } from './kinds';

/** @throws Error for what the embedded API Gateway would leave out of account */
function require(logicalId: string, holds: boolean, what: string): void {
  if (!holds) throw new Error(`${logicalId}: the embedded API Gateway has no ${what}`);
}

const restApi: Kind = {
  replacedBy: [],
  create: ({ world, logicalId }, { Body, BodyS3Location, Policy, EndpointConfiguration, BinaryMediaTypes }) => {
    require(logicalId, !Body && !BodyS3Location, 'APIs from OpenAPI files');
    require(logicalId, !EndpointConfiguration?.Types?.includes('PRIVATE'), 'private APIs: it has no network');
    require(logicalId, !Policy, 'resource policies of APIs');
    require(logicalId, !BinaryMediaTypes, 'binary media types');
    const id = world.ids.hex(10);
    return { ref: id, attributes: { RestApiId: id, RootResourceId: world.apiGateway.putApi(id) } };
  },
  update: (context, existing, properties) => {
    const { Policy, EndpointConfiguration } = properties;
    require(context.logicalId, !Policy && !EndpointConfiguration?.Types?.includes('PRIVATE'), 'private APIs');
    return existing;
  },
  remove: ({ world }, { ref }) => world.apiGateway.removeApi(ref),
};

/** What is put into an API under an id of its own, which an update keeps. */
const part = (replacedBy: string[], partOf: (properties: Properties, context: Context) => ApiPart): Kind => ({
  replacedBy: ['RestApiId', ...replacedBy],
  create: (context, properties) => {
    const id = context.world.ids.hex(6);
    context.world.apiGateway.putPart(properties.RestApiId, id, partOf(properties, context));
    return { ref: id, attributes: { ResourceId: id, Id: id } };
  },
  update: (context, existing, properties) => {
    context.world.apiGateway.putPart(properties.RestApiId, existing.ref, partOf(properties, context));
    return existing;
  },
  remove: ({ world }, { ref, properties }) => world.apiGateway.removePart(properties.RestApiId, ref),
});

const resource = part(['ParentId', 'PathPart'], ({ ParentId: parentId, PathPart: pathPart }) => ({
  ...{ kind: 'resource', parentId, pathPart },
}));

const method = part(['HttpMethod', 'ResourceId'], (properties, { logicalId }) => {
  const { HttpMethod: httpMethod, ResourceId: resourceId, AuthorizationType, Integration = {} } = properties;
  require(logicalId, AuthorizationType === 'AWS_IAM', `authorization but AWS_IAM: ${AuthorizationType}`);
  require(logicalId, Integration.Type === 'AWS_PROXY', `integration but AWS_PROXY: ${Integration.Type}`);
  require(logicalId, !properties.ApiKeyRequired && !properties.RequestValidatorId, 'API keys and validators');
  const [, functionArn] = /\/functions\/(arn:[^/]+)\/invocations$/.exec(Integration.Uri) ?? [];
  if (!functionArn) throw new Error(`${logicalId}: ${Integration.Uri} names no function`);
  return { kind: 'method', resourceId, httpMethod, functionArn };
});

const PARAMETER = 'gatewayresponse.header.';

const gatewayResponse = part(['ResponseType'], (properties, { logicalId }) => {
  const { ResponseType: type, StatusCode, ResponseParameters = {}, ResponseTemplates = {} } = properties;
  const headers = Object.entries<string>(ResponseParameters).map(([name, value]) => {
    require(logicalId, name.startsWith(PARAMETER) && /^'.*'$/.test(value), `such a parameter: ${name} ${value}`);
    return [name.slice(PARAMETER.length), value] as const;
  });
  const { 'application/json': body, ...others } = ResponseTemplates;
  require(logicalId, Object.keys(others).length === 0, 'template but application/json');
  const status = StatusCode === undefined ? undefined : Number(StatusCode);
  return { kind: 'response', type, status, headers: Object.fromEntries(headers), body };
});

const deployment: Kind = {
  replacedBy: ['RestApiId'],
  create: ({ world }, { RestApiId, StageName }) => {
    if (StageName) throw new Error('A deployment with a stage of its own is not supported');
    const id = world.ids.hex(6);
    world.apiGateway.deployApi(RestApiId, id);
    return { ref: id, attributes: { DeploymentId: id } };
  },
  // Its description changes, what it took when it was made does not.
  update: (_, existing) => existing,
  remove: ({ world }, { ref, properties }) => world.apiGateway.removeDeployment(properties.RestApiId, ref),
};

const stage: Kind = {
  replacedBy: ['RestApiId', 'StageName'],
  create: ({ world }, { RestApiId, StageName: name, DeploymentId: deploymentId, AccessLogSetting }) => {
    const { DestinationArn, Format: format } = AccessLogSetting ?? {};
    const group = DestinationArn && lastPart(DestinationArn.replace(/:\*$/, ''), ':');
    world.apiGateway.putStage(RestApiId, { name, deploymentId, ...(group && { accessLog: { group, format } }) });
    return { ref: name };
  },
  remove: ({ world }, { ref, properties }) => world.apiGateway.removeStage(properties.RestApiId, ref),
};

export const apiGatewayKinds: Record<string, Kind> = {
  'AWS::ApiGateway::RestApi': restApi,
  'AWS::ApiGateway::Resource': resource,
  'AWS::ApiGateway::Method': method,
  'AWS::ApiGateway::GatewayResponse': gatewayResponse,
  'AWS::ApiGateway::Deployment': deployment,
  'AWS::ApiGateway::Stage': stage,
};
