import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Catalogue } from '../../state-machine/catalogue';
import type { Settings } from '../config';
import { type FunctionName, permissions } from '../permissions';
import { everyFunction } from '../permissions/everyFunction';
import type { Scope } from '../permissions/permission';
import type { CeilingPolicy } from './ceilingPolicy';
import { environmentOf } from './environment';
import { functionCode } from './functionCode';
import { narrowRole } from './narrowRole';

export interface StepUpFunctionProps {
  name: FunctionName;
  deployment: string;
  settings: Settings;
  catalogue: Catalogue;
  scope: Scope;
  /** Of this release. */
  ceilings: CeilingPolicy[];
  /** Undefined: CloudFormation finds one. */
  physicalName: string | undefined;
  /** For events that a function failed to handle which nobody waits for. */
  deadLetters: IQueue;
}

/** Below the 70 s of every Task: a function that was given up by its state has ended by then. */
const TIMEOUT = Duration.seconds(60);

/** No state waits for guardRelease, and it may have a thousand roles to look at. */
const LONG_TIMEOUT = Duration.minutes(5);

/** API Gateway waits for 29 s (aws-facts-2 13.4); the caller has an answer before. */
const SHORT_TIMEOUT = Duration.seconds(28);

const TIMEOUTS: Partial<Record<FunctionName, Duration>> = {
  guardRelease: LONG_TIMEOUT,
  requestElevation: SHORT_TIMEOUT,
};

/** Called by events and schedules, which do not wait. */
export const ASYNCHRONOUS: FunctionName[] = ['recover', 'sweep', 'runScheduled'];

/** One of our functions, under a role of its own that may do what infra/permissions says of it. */
export class StepUpFunction extends LambdaFunction {
  constructor(parent: Construct, props: StepUpFunctionProps) {
    const { name, physicalName, settings, catalogue, scope, deadLetters } = props;
    const logGroup = new LogGroup(parent, `${name}Logs`, {
      retention: settings.logRetentionDays,
      // Not of a first deployment that is rolled back.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    super(parent, name, {
      functionName: physicalName,
      description: `StepUp: ${name}`,
      code: functionCode(name, catalogue),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout: TIMEOUTS[name] ?? TIMEOUT,
      tracing: Tracing.ACTIVE,
      logGroup,
      reservedConcurrentExecutions: reservedFor(name, settings),
      deadLetterQueue: ASYNCHRONOUS.includes(name) ? deadLetters : undefined,
      role: narrowRole(parent, `${name}Role`, {
        name: physicalName,
        description: `What StepUp's ${name} may do`,
        service: 'lambda.amazonaws.com',
        permissions: {
          ...permissions[name](scope),
          ...everyFunction(logGroup.logGroupArn, ASYNCHRONOUS.includes(name) ? scope.arns.deadLetters : undefined),
        },
      }),
      environment: environmentOf(props),
      // Runs in flight call the version that they were started with.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
  }
}

const reservedFor = (name: FunctionName, { reservedConcurrency }: Settings): number | undefined =>
  reservedConcurrency === false ? undefined : (reservedConcurrency as Partial<Record<FunctionName, number>>)[name];
