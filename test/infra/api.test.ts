import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { GATEWAY_RESPONSES } from '../../infra/constructs/apiResponses';
import { StepUp } from '../../infra/stepUp';
import { ERROR_STATUS, problemSchema } from '../../state-machine/api';
import { ROUTES } from '../../state-machine/routes';
import { ofType, plain, synth } from './synth';

const stack = synth();
// biome-ignore lint/suspicious/noExplicitAny: properties of a template
type Json = any;
const all = (kind: string, of = stack): [string, Json][] =>
  ofType(of, `AWS::ApiGateway::${kind}`).map(([id, { Properties }]) => [id, plain(Properties)]);

/** By the logical id of its resource: its path. */
function paths(of = stack): Map<string, string> {
  const resources = new Map(all('Resource', of));
  const [[api] = ['']] = all('RestApi', of);
  const pathOf = (ref: string): string => {
    const properties = resources.get(ref.slice(1, -1));
    return properties ? `${pathOf(properties.ParentId)}/${properties.PathPart}` : '';
  };
  return new Map([
    [`<${api}.RootResourceId>`, '/'],
    ...[...resources.keys()].map((id): [string, string] => [`<${id}>`, pathOf(`<${id}>`)]),
  ]);
}

describe('the API', () => {
  const methods = all('Method').map(([, properties]) => properties);
  const known = paths();
  const routes = methods.map(({ HttpMethod, ResourceId }) => `${HttpMethod} ${known.get(ResourceId)}`);

  test('has every route, and on every resource, the root and whatever else there is, ANY', () => {
    const wanted = ROUTES.map(({ method, path }) => `${method} ${path}`);
    const anyway = [...known.values()].map((path) => `ANY ${path}`);
    expect(routes.sort()).toEqual([...wanted, ...anyway].sort());
    expect(anyway).toEqual(expect.arrayContaining(['ANY /', 'ANY /{proxy+}', 'ANY /grants/{grant}/instances']));
  });

  test('asks IAM about each, and hands all to one function, which lets this stage alone call it', () => {
    const [[api] = ['']] = all('RestApi');
    const fn = ofType(stack, 'AWS::Lambda::Function').find(([id]) => id.startsWith('StepUprequestElevation'))?.[0];
    for (const { AuthorizationType, Integration, ApiKeyRequired } of methods) {
      expect([AuthorizationType, Integration.Type, ApiKeyRequired]).toEqual(['AWS_IAM', 'AWS_PROXY', undefined]);
      expect(Integration.Uri).toMatch(new RegExp(`:lambda:path/2015-03-31/functions/<${fn}\\.Arn>/invocations$`));
    }
    const callers = ofType(stack, 'AWS::Lambda::Permission').map(([, { Properties }]) => plain(Properties));
    const ours = callers.filter(({ Principal }) => Principal === 'apigateway.amazonaws.com');
    const arn = `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${api}>/v1/*/*`;
    expect(ours).toMatchObject([{ FunctionName: `<${fn}.Arn>`, SourceArn: arn, Action: 'lambda:InvokeFunction' }]);
  });

  test('is public by default, traced, throttled, logged without bodies, and leaves the account as it is', () => {
    const [[, { EndpointConfiguration, Policy, Name }] = ['', {}]] = all('RestApi');
    expect([EndpointConfiguration, Policy, Name]).toEqual([{ Types: ['REGIONAL'] }, undefined, 'StepUp-<AWS::Region>']);
    const [[, stage] = ['', {}]] = all('Stage');
    expect(stage).toMatchObject({
      ...{ StageName: 'v1', TracingEnabled: true },
      MethodSettings: [
        {
          DataTraceEnabled: false,
          HttpMethod: '*',
          ResourcePath: '/*',
          ThrottlingRateLimit: 50,
          ThrottlingBurstLimit: 100,
        },
      ],
    });
    expect(stage.MethodSettings[0].LoggingLevel ?? 'OFF').toBe('OFF');
    const format = JSON.parse(stage.AccessLogSetting.Format);
    expect(Object.values(format).filter((value) => !/^\$context\.[\w.]+$/.test(String(value)))).toEqual([]);
    expect(JSON.stringify(format)).not.toMatch(/body|header|authorizer/i);
    // What the caller chooses cannot stand in for what comes after it.
    expect(Object.keys(format).slice(0, 2)).toEqual(['path', 'requestId']);
    const [, group = ''] = /^<(\w*ApiLogs\w*)\.Arn>$/.exec(stage.AccessLogSetting.DestinationArn) ?? [];
    expect(stack.resources[group]).toMatchObject({
      Type: 'AWS::Logs::LogGroup',
      DeletionPolicy: 'RetainExceptOnCreate',
    });
    expect(all('Account')).toEqual([]);
  });

  test('says where it is, without a slash at the end', () => {
    const [[api] = ['']] = all('RestApi');
    const url = `https://<${api}>.execute-api.<AWS::Region>.<AWS::URLSuffix>/v1`;
    const parameters = ofType(stack, 'AWS::SSM::Parameter').map(([, { Properties }]) => plain(Properties));
    expect(parameters).toContainEqual(
      expect.objectContaining({ Name: '/stepup/StepUp-<AWS::Region>/api', Value: url }),
    );
    expect(plain(stack.stack.resolve(stack.stack.stepUp.api.address))).toBe(url);
  });
});

const ids = ['vpce-0aaa', 'vpce-0bbb'];
const own = synth({ api: { vpcEndpointIds: ids } });

describe('through VPC endpoints alone', () => {
  const [[api, { EndpointConfiguration, Policy }] = ['', {} as Json]] = all('RestApi', own);

  test('everybody else is denied, and nobody is let in by the policy itself', () => {
    expect(EndpointConfiguration).toEqual({ Types: ['PRIVATE'], VpcEndpointIds: ids });
    const common = { Action: 'execute-api:Invoke', Resource: 'execute-api:/*' };
    expect(Policy.Statement).toEqual([
      expect.objectContaining({
        ...{ Effect: 'Allow', Principal: { AWS: 'arn:<AWS::Partition>:iam::<AWS::AccountId>:root' } },
        ...common,
      }),
      expect.objectContaining({
        ...{ Effect: 'Deny', Principal: { AWS: '*' } },
        ...{ Condition: { StringNotEquals: { 'aws:SourceVpce': ids } }, ...common },
      }),
    ]);
  });

  test('its address is that of the first endpoint', () => {
    const address = plain(own.stack.resolve(own.stack.stepUp.api.address));
    expect(address).toBe(`https://<${api}>-vpce-0aaa.execute-api.<AWS::Region>.<AWS::URLSuffix>/v1`);
  });
});

describe("API Gateway's own answers", () => {
  const responses = all('GatewayResponse').map(([, properties]) => properties);

  /** Developer Guide, 'Gateway response types'. */
  const TYPES = [
    ...['ACCESS_DENIED', 'API_CONFIGURATION_ERROR', 'AUTHORIZER_CONFIGURATION_ERROR', 'AUTHORIZER_FAILURE'],
    ...['BAD_REQUEST_BODY', 'BAD_REQUEST_PARAMETERS', 'DEFAULT_4XX', 'DEFAULT_5XX', 'EXPIRED_TOKEN'],
    ...['INTEGRATION_FAILURE', 'INTEGRATION_TIMEOUT', 'INVALID_API_KEY', 'INVALID_SIGNATURE'],
    ...['MISSING_AUTHENTICATION_TOKEN', 'QUOTA_EXCEEDED', 'REQUEST_TOO_LARGE', 'RESOURCE_NOT_FOUND', 'THROTTLED'],
    ...['UNAUTHORIZED', 'UNSUPPORTED_MEDIA_TYPE', 'WAF_FILTERED'],
  ];
  test('are all there', () => {
    expect(responses.map(({ ResponseType }) => ResponseType).sort()).toEqual(TYPES);
    expect(Object.keys(GATEWAY_RESPONSES).sort()).toEqual(TYPES);
  });

  test.each(responses.map((properties) => [properties.ResponseType, properties]))(
    '%s is a problem like all others',
    (_, { StatusCode, ResponseParameters, ResponseTemplates }) => {
      const text = ResponseTemplates['application/json'];
      expect(text).not.toMatch(/\$context\.error\.message\b|\$context\.requestId/);
      const words = 'User: "x" is\\not authorized';
      const filled = text
        .replace('$context.error.messageString', JSON.stringify(words))
        .replace('$context.extendedRequestId', 'HiNnXXJkoAGF3fQ=');
      const problem = problemSchema.parse(JSON.parse(filled));
      expect(filled).not.toContain('$');
      expect(problem).toMatchObject({
        type: `docs/runbook.md#${problem.title.toLowerCase()}`,
        status: Number(StatusCode),
        errors: [{ detail: words }],
      });
      expect(problem.detail).toMatch(/^[A-Z].{15,}\.$/);
      const retry = [429, 503].includes(problem.status);
      expect(ResponseParameters).toEqual({
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
        ...(retry && { 'gatewayresponse.header.Retry-After': "'5'" }),
      });
    },
  );
});

describe('the runbook', () => {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');

  test.each(Object.keys(ERROR_STATUS))('has what the type of %s leads to', (name) => {
    expect(page.split(`<a id="${name.toLowerCase()}"></a>`)).toHaveLength(2);
    expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\| .+ \\| .+ \\| .+ \\|$`, 'm'));
  });
});

describe('a new deployment is made', () => {
  const deploymentOf = (of: typeof stack) => all('Deployment', of)[0]?.[0];
  const before = deploymentOf(stack);

  test('when a response changes, and what restricts the API', () => {
    expect(deploymentOf(synth({ runbookUrl: 'https://example.com/runbook' }))).not.toBe(before);
    expect(deploymentOf(own)).not.toBe(before);
  });

  test('and not when nothing of it does', () => {
    const other = synth({ drainMinutes: 500, api: { burst: 7, accessLogs: false } });
    expect(deploymentOf(other)).toBe(before);
    expect(all('Stage', other)[0]?.[1]).toMatchObject({ MethodSettings: [{ ThrottlingBurstLimit: 7 }] });
    expect(all('Stage', other)[0]?.[1].AccessLogSetting).toBeUndefined();
  });

  test('after all that it takes', () => {
    const [[, { DependsOn }] = ['', {} as Json]] = ofType(stack, 'AWS::ApiGateway::Deployment') as Json;
    const taken = ['Resource', 'Method', 'GatewayResponse'].flatMap((kind) => all(kind).map(([id]) => id));
    expect(DependsOn).toEqual(expect.arrayContaining(taken));
  });
});

describe("CDK's own grantExecute", () => {
  test('on a route means every grant on every instance: docs/security.md warns of it', () => {
    const own = new Stack(new App({ analyticsReporting: false, context: { 'aws:cdk:bundling-stacks': [] } }), 'Own');
    const { api } = new StepUp(own, 'StepUp', { restorableRoles: ['*'] });
    const role = new Role(own, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    const start = api.methods.find(
      ({ httpMethod, resource }) => httpMethod === 'POST' && /elevations$/.test(resource.path),
    );
    start?.grantExecute(role);
    const { document } = role.node.findChild('DefaultPolicy') as Json;
    const [{ Resource }] = own.resolve(document.toJSON()).Statement;
    expect(plain(Resource)).toMatch(/\/POST\/grants\/\*\/instances\/\*\/elevations$/);
  });
});

describe('grantRequest', () => {
  const granted = (requests: Parameters<StepUp['api']['grantRequest']>[1]) => {
    const own = new Stack(new App({ analyticsReporting: false, context: { 'aws:cdk:bundling-stacks': [] } }), 'Own');
    const stepUp = new StepUp(own, 'StepUp', { restorableRoles: ['*'] });
    const role = new Role(own, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    stepUp.api.grantRequest(role, requests);
    const policy = role.node.findChild('DefaultPolicy') as Json;
    const { Statement } = own.resolve(policy.document.toJSON());
    return Statement.flatMap(({ Action, Resource }: Json) => {
      expect(Action).toBe('execute-api:Invoke');
      return [Resource].flat().map((arn) => plain(arn).replace(/^.*>\/v1\//, ''));
    });
  };

  test('lets somebody ask for one grant, by ARNs with a wildcard at their end only', () => {
    const grant = 'run-remote-script';
    expect(granted({ grant, instances: 'enrolled' })).toEqual([
      'GET/grants/run-remote-script/instances/*',
      'POST/grants/run-remote-script/instances/*',
    ]);
    expect(granted({ grant, instances: ['i-0123456789abcdef0'] })).toEqual([
      'GET/grants/run-remote-script/instances/i-0123456789abcdef0/*',
      'POST/grants/run-remote-script/instances/i-0123456789abcdef0/*',
    ]);
  });

  test.each([
    [{ grant: 'run-*', instances: 'enrolled' as const }, "There is no grant 'run-*'"],
    [{ grant: 'run-remote-script', instances: ['*'] }, "'*' is no instance's id"],
    [{ grant: 'run-remote-script', instances: ['i-0123456789abcdef0/../x'] }, 'no instance'],
  ])('refuses %p', (requests, message) => {
    expect(() => granted(requests)).toThrow(message);
  });
});
