import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { FunctionName } from '../permissions';
import { machine } from '../permissions/machine';
import { narrowRole } from './narrowRole';
import type { StepUpFunction } from './stepUpFunction';

const ASL = join(__dirname, '..', '..', 'state-machine');

const PARTITION = '${partition}';

export interface MachineProps {
  kind: 'elevation' | 'recovery';
  deployment: string;
  functions: Record<FunctionName, StepUpFunction>;
  logRetention: RetentionDays;
}

/**
 * A state machine from its ASL file, word for word; its timeout is in there. Its name is fixed: a machine that was
 * replaced would end its runs without any Catch (aws-facts-2 12.6).
 */
export class Machine extends StateMachine {
  constructor(parent: Construct, { kind, deployment, functions, logRetention }: MachineProps) {
    const asl = readFileSync(join(ASL, `${kind}.asl.json`), 'utf8');
    const called = calledBy(asl, functions);
    super(parent, kind, {
      stateMachineName: `${deployment}-${kind}`,
      definitionBody: DefinitionBody.fromString(asl),
      definitionSubstitutions: {
        // The ARNs of Step Functions' own integrations have it, too.
        ...(asl.includes(PARTITION) && { partition: Aws.PARTITION }),
        ...Object.fromEntries(called.map(([name, fn]) => [name, fn.currentVersion.functionArn] as const)),
      },
      // The functions, not their versions of today: a run in flight still calls the version of its own release.
      role: narrowRole(parent, `${kind}Role`, {
        name: `${deployment}-${kind}`,
        description: `What StepUp's ${kind} machine may do`,
        service: 'states.amazonaws.com',
        permissions: machine(called.map(([, fn]) => `${fn.functionArn}:*`)),
      }),
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(parent, `${kind}Logs`, {
          retention: logRetention,
          // Not of a first deployment that is rolled back.
          removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        }),
        level: LogLevel.ALL,
        // Scripts and their output stay out of the logs.
        includeExecutionData: false,
      },
    });
  }
}

function calledBy(asl: string, functions: Record<string, StepUpFunction>): [string, StepUpFunction][] {
  const names = new Set([...asl.replaceAll(PARTITION, '').matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] as string));
  return [...names].map((name) => {
    const fn = functions[name];
    if (!fn) throw new Error(`The state machine calls \${${name}}, which is no function`);
    return [name, fn];
  });
}
