import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type CfnRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Catalogue } from '../../state-machine/catalogue';
import type { Settings } from '../config';
import { type FunctionName, permissions } from '../permissions';
import type { Scope } from '../permissions/permission';
import { functionCode } from './functionCode';

export interface StepUpFunctionProps {
  name: FunctionName;
  deployment: string;
  settings: Settings;
  catalogue: Catalogue;
  scope: Scope;
}

/** Below the 70 s of every Task: a function that was given up by its state has ended by then. */
const TIMEOUT = Duration.seconds(60);

/** One of our functions, under a role of its own that may do what infra/permissions says of it. */
export class StepUpFunction extends LambdaFunction {
  constructor(parent: Construct, { name, deployment, settings, catalogue, scope }: StepUpFunctionProps) {
    const logGroup = new LogGroup(parent, `${name}Logs`, { retention: settings.logRetentionDays });
    super(parent, name, {
      functionName: `${deployment}-${name}`,
      description: `StepUp: ${name}`,
      code: functionCode(name, catalogue),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: TIMEOUT,
      tracing: Tracing.ACTIVE,
      logGroup,
      role: functionRole(parent, { name, deployment, scope, logGroup }),
      environment: {
        STEPUP_DEPLOYMENT: deployment,
        STEPUP_DRAIN_MINUTES: String(settings.drainMinutes),
        STEPUP_OUTPUT_LOCATIONS: JSON.stringify(settings.outputLocations),
        STEPUP_DEFAULT_OUTPUT: JSON.stringify(settings.defaultOutput ?? null),
        STEPUP_RESTORABLE_ROLES: JSON.stringify(settings.restorableRoles),
      },
      // Runs in flight call the version that they were started with.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
  }
}

function functionRole(
  parent: Construct,
  {
    name,
    deployment,
    scope,
    logGroup,
  }: Pick<StepUpFunctionProps, 'name' | 'deployment' | 'scope'> & { logGroup: LogGroup },
): Role {
  const role = new Role(parent, `${name}Role`, {
    roleName: `${deployment}-${name}`,
    description: `What StepUp's ${name} may do`,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  const sentences = permissions[name](scope);
  for (const sentence of sentences) role.addToPrincipalPolicy(sentence.toStatement());
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
  );
  const reasons = sentences.flatMap(({ actions, reason }) => (reason ? [[actions.join(', '), reason]] : []));
  (role.node.defaultChild as CfnRole).addMetadata('WhyAnyResource', {
    ...Object.fromEntries(reasons),
    // CDK adds these two for Tracing.ACTIVE.
    'xray:PutTraceSegments, xray:PutTelemetryRecords': 'X-Ray has no resources',
  });
  return role;
}
