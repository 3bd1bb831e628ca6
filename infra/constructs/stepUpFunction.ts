import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Catalogue } from '../../state-machine/catalogue';
import type { Settings } from '../config';
import { type FunctionName, permissions } from '../permissions';
import { everyFunction } from '../permissions/everyFunction';
import type { Scope } from '../permissions/permission';
import { functionCode } from './functionCode';
import { narrowRole } from './narrowRole';

export interface StepUpFunctionProps {
  name: FunctionName;
  deployment: string;
  settings: Settings;
  catalogue: Catalogue;
  scope: Scope;
}

/** Below the 70 s of every Task: a function that was given up by its state has ended by then. */
const TIMEOUT = Duration.seconds(60);

/** Called by events, which nobody waits for. */
export const ASYNCHRONOUS: FunctionName[] = ['recover', 'sweep'];

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
      role: narrowRole(parent, `${name}Role`, {
        name: `${deployment}-${name}`,
        description: `What StepUp's ${name} may do`,
        service: 'lambda.amazonaws.com',
        permissions: {
          ...permissions[name](scope),
          ...everyFunction(logGroup.logGroupArn, ASYNCHRONOUS.includes(name) ? scope.arns.deadLetters : undefined),
        },
      }),
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
