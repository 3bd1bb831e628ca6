import { Aws, CfnOutput, Token } from 'aws-cdk-lib';
import { AuthorizationType, Integration, IntegrationType, type IResource, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Grant, type IGrantable, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { Catalogue } from '../../state-machine/catalogue';
import { instanceIdSchema } from '../../state-machine/document';
import { ROUTES } from '../../state-machine/routes';
import type { Settings } from '../config';
import { reachableBy } from './apiReach';
import { shapeResponses } from './apiResponses';
import { STAGE, stageOf } from './apiStage';
import type { StepUpFunction } from './stepUpFunction';

export interface ApiProps {
  deployment: string;
  settings: Settings;
  catalogue: Catalogue;
  /** Behind every route. */
  handler: StepUpFunction;
}

export interface Requests {
  /** Name of one in the catalogue. */
  grant: string;
  /** Ids; 'enrolled': all that are, also later. */
  instances: string[] | 'enrolled';
}

/** The API's routes, with IAM as their gatekeeper, in front of requestElevation. Its URL is a parameter, and an output. */
export class Api extends RestApi {
  /** Without a slash at its end. */
  readonly address: string;
  private readonly grants: string[];

  constructor(parent: Construct, { deployment, settings, catalogue, handler }: ApiProps) {
    const { vpcEndpointIds } = settings.api;
    super(parent, 'Api', {
      restApiName: deployment,
      description: 'StepUp: asks for elevations',
      ...reachableBy(parent, vpcEndpointIds),
      // An account has one role for the logs of all its APIs: it is not ours to set.
      cloudWatchRole: false,
      deployOptions: stageOf(parent, settings),
      defaultIntegration: proxyTo(handler),
      defaultMethodOptions: { authorizationType: AuthorizationType.IAM },
    });
    this.grants = Object.keys(catalogue.grants);
    this.addRoutes();
    // Of the stage alone: not of the console's test invocations.
    handler.addPermission('ApiCalls', {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: this.arnForExecuteApi('*', '/*', STAGE),
    });
    shapeResponses(this, settings.runbookUrl);
    const [endpoint] = vpcEndpointIds;
    // A private API's name with its endpoint is resolved with private DNS and without.
    const host = endpoint ? `${this.restApiId}-${endpoint}` : this.restApiId;
    this.address = `https://${host}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${STAGE}`;
    this.publish(deployment);
  }

  /**
   * Lets somebody ask for elevations with one grant, follow them and release them: the policy of docs/security.md, with a
   * wildcard at the end of each ARN only.
   * @throws Error for a grant that is not in the catalogue, and for what is no instance's id
   */
  grantRequest(grantee: IGrantable, { grant, instances }: Requests): Grant {
    if (!this.grants.includes(grant)) throw new Error(`There is no grant '${grant}': ${this.grants.join(', ')}`);
    const ids = instances === 'enrolled' ? ['*'] : instances.map((id) => `${instanceId(id)}/*`);
    const paths = ids.map((id) => `/grants/${grant}/instances/${id}`);
    return Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: paths.flatMap((path) =>
        ['GET', 'POST'].map((method) => this.arnForExecuteApi(method, path, STAGE)),
      ),
    });
  }

  /** Every resource also has ANY, and what is no resource {proxy+}: the function says what is wrong, in the form of all errors. */
  private addRoutes(): void {
    for (const { method, path } of ROUTES) this.root.resourceForPath(path).addMethod(method);
    const resources = this.node.findAll().filter((node): node is Construct & IResource => 'addMethod' in node);
    for (const resource of [this.root, ...resources]) {
      if (!resource.node.tryFindChild('ANY')) resource.addMethod('ANY');
    }
    this.root.addProxy();
  }

  private publish(deployment: string): void {
    // CDK's own has a slash at its end.
    this.node.tryRemoveChild('Endpoint');
    new CfnOutput(this, 'Url', { value: this.address, description: 'Of the API' });
    new CfnParameter(this, 'Parameter', {
      name: `/stepup/${deployment}/api`,
      description: 'The URL of the API of StepUp',
      type: 'String',
      value: this.address,
    });
  }
}

/** An id that CloudFormation knows, such as that of an instance in the same app, is one. */
function instanceId(id: string): string {
  if (Token.isUnresolved(id) || instanceIdSchema.safeParse(id).success) return id;
  throw new Error(`'${id}' is no instance's id, which looks like i-0123456789abcdef0`);
}

/** Any change of the function's name changes the API's, and so is deployed. */
const proxyTo = ({ functionArn }: StepUpFunction): Integration =>
  new Integration({
    type: IntegrationType.AWS_PROXY,
    integrationHttpMethod: 'POST',
    uri: `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
  });
