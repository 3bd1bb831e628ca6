import { afterEach } from '@jest/globals';
import type { AwsCredentialIdentity } from '@smithy/types';
import { createLocalAws, type LocalAws } from '../../../local';
import { type VirtualClock, virtualClock } from '../../../local/clock/virtual';
import type { InvokeResult } from '../../../local/world';
import { type Answer, type Asked, makeRequester, read, signed } from '../../support/api';
import { assembly } from '../deploy/assembly';

const open: LocalAws[] = [];
afterEach(async () => {
  for (const aws of open.splice(0)) await aws.close();
});

const ref = (name: string) => ({ Ref: name });
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const rootId = { 'Fn::GetAtt': ['Api', 'RootResourceId'] };
const join = (...parts: unknown[]) => ({ 'Fn::Join': ['', parts] });
const RestApiId = ref('Api');

const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const resource = (PathPart: string, parent?: string) => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: { RestApiId, ParentId: parent ? ref(parent) : rootId, PathPart },
});
export const method = (HttpMethod: string, on?: string, more: object = {}) => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: {
    ...{ RestApiId, HttpMethod, ResourceId: on ? ref(on) : rootId, AuthorizationType: 'AWS_IAM' },
    Integration: {
      Type: 'AWS_PROXY',
      IntegrationHttpMethod: 'POST',
      Uri: join('arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/', arnOf('Fn'), '/invocations'),
    },
    ...more,
  },
});
export const response = (ResponseType: string, more: object) => ({
  Type: 'AWS::ApiGateway::GatewayResponse',
  Properties: { RestApiId, ResponseType, ...more },
});
export const deployment = { Type: 'AWS::ApiGateway::Deployment', Properties: { RestApiId } };
export const stageOf = (deploymentId: string, more: object = {}) => ({
  Type: 'AWS::ApiGateway::Stage',
  Properties: { RestApiId, StageName: 'v1', DeploymentId: ref(deploymentId), ...more },
});

/** The API's pets; a deployment takes what it depends on. */
export const RESOURCES = {
  Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'worker', AssumeRolePolicyDocument: trust } },
  Fn: {
    Type: 'AWS::Lambda::Function',
    Properties: { FunctionName: 'pets', Role: arnOf('Role'), Code: { S3Key: 'abc.zip' }, Timeout: 60 },
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      ...{ FunctionName: arnOf('Fn'), Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com' },
      SourceArn: join('arn:aws:execute-api:us-east-1:123456789012:', ref('Api'), '/v1/*/*'),
    },
  },
  Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'pets' } },
  Pets: resource('pets'),
  Pet: resource('{pet}', 'Pets'),
  Rex: resource('rex', 'Pets'),
  Proxy: resource('{proxy+}'),
  ListPets: method('GET', 'Pets'),
  AnyPet: method('ANY', 'Pet'),
  GetRex: method('GET', 'Rex'),
  AnyElse: method('ANY', 'Proxy'),
};
const DEPENDS = ['ListPets', 'AnyPet', 'GetRex', 'AnyElse'];
export const deployed = (more: object = {}, stage: object = {}) => ({
  ...RESOURCES,
  ...more,
  Deployment: { ...deployment, DependsOn: [...DEPENDS, ...Object.keys(more)] },
  Stage: stageOf('Deployment', stage),
});

export const ALL = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
});

// biome-ignore lint/suspicious/noExplicitAny: the event, and whatever a function answers
type Handler = (event: any, clock: VirtualClock) => unknown;

export interface Account {
  aws: LocalAws;
  clock: VirtualClock;
  apiId: string;
  caller: AwsCredentialIdentity;
  deploy(resources: object): Promise<void>;
  /** By default as somebody who may everything. */
  ask(method: string, path: string, asked?: Asked & { as?: AwsCredentialIdentity }): Promise<Answer>;
  /** As it is. */
  send(request: Parameters<LocalAws['world']['apiGateway']['answer']>[0]): Promise<Answer>;
}

/** What an event says of who asks for what. */
export const echo: Handler = (event) => ({ statusCode: 200, body: JSON.stringify(event) });

export async function account(handler: Handler = echo, resources: object = deployed()): Promise<Account> {
  const clock = virtualClock();
  const invoke = async (event: unknown): Promise<InvokeResult> => {
    const payload = await handler(event, clock);
    return payload instanceof Error ? { functionError: { errorMessage: payload.message } } : { payload };
  };
  const aws = createLocalAws({ clock, launcher: { launch: () => ({ invoke, close: () => undefined }) } });
  open.push(aws);
  const { world } = aws;
  const deploy = (all: object) => clock.run(aws.deploy(assembly(all)).then(() => clock.sleep(30_000)));
  await deploy(resources);
  const caller = await clock.run(makeRequester(aws, 'caller', ALL));
  const send: Account['send'] = async (request) => read(await clock.run(world.apiGateway.answer(request)));
  return {
    ...{ aws, clock, caller, deploy, send },
    apiId: world.apiGateway.stages()[0]?.apiId ?? '',
    ask: async (httpMethod, path, { as = caller, ...asked } = {}) =>
      send(await signed(aws, as, httpMethod, path, asked)),
  };
}
