import { Annotations, Stack, type StackProps, Token } from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { arnsOf } from './arns';
import { buildRelease, documentsOf } from './catalogue';
import {
  type Configuration,
  LONGEST_DEPLOYMENT,
  parseOrExplain,
  type Settings,
  type SettingsInput,
  settingsSchema,
} from './config';
import { CeilingPolicy } from './constructs/ceilingPolicy';
import { GrantParameter } from './constructs/grantParameter';
import { Machine } from './constructs/machine';
import { Nets } from './constructs/nets';
import { StepUpFunction } from './constructs/stepUpFunction';
import { proveIdentity } from './documents/proveIdentity';
import { FUNCTION_NAMES, type FunctionName } from './permissions';
import type { Scope } from './permissions/permission';

export type StepUpProps = SettingsInput;

/** StepUp inside an app of your own: `new StepUp(this, 'StepUp', { restorableRoles: ['arn:aws:iam::…:role/app-*'] })`. */
export class StepUp extends Construct {
  /** The deployment's id; may be a token, as the stack's region is. */
  readonly deployment: string;
  /** Start executions of this one. */
  readonly elevation: Machine;
  readonly recovery: Machine;
  readonly functions: Record<FunctionName, StepUpFunction>;

  constructor(parent: Construct, id: string, props: StepUpProps) {
    super(parent, id);
    const settings = parseOrExplain(`The configuration of ${this.node.path}`, settingsSchema, props);
    const deployment = deploymentOf(this, settings);
    const { catalogue, ceilings } = buildRelease(settings);
    const arns = arnsOf(deployment);
    const scope: Scope = { ...settings, arns, documents: documentsOf(catalogue).map(arns.document) };
    if (settings.restorableRoles.includes('*')) {
      Annotations.of(this).addWarningV2(
        'StepUp:anyRestorableRole',
        "restorableRoles is '*': Restore may pass any role to EC2. Name the roles of the instances that you enroll.",
      );
    }

    this.deployment = deployment;
    for (const ceiling of ceilings) new CeilingPolicy(this, { ceiling, deployment });
    for (const [name, grant] of Object.entries(catalogue.grants)) new GrantParameter(this, { name, grant, deployment });
    this.functions = Object.fromEntries(
      FUNCTION_NAMES.map((name) => [name, new StepUpFunction(this, { name, deployment, settings, catalogue, scope })]),
    ) as Record<FunctionName, StepUpFunction>;
    const machine = { deployment, functions: this.functions, logRetention: settings.logRetentionDays };
    this.elevation = new Machine(this, { kind: 'elevation', ...machine });
    this.recovery = new Machine(this, { kind: 'recovery', ...machine });
    const { recover, sweep } = this.functions;
    new Nets(this, 'Nets', { deployment, elevation: this.elevation, recover, sweep });
    new CfnDocument(this, 'ProveIdentity', {
      name: `${deployment}-ProveIdentity`,
      documentType: 'Command',
      documentFormat: 'JSON',
      targetType: '/AWS::EC2::Instance',
      // A document with a name cannot be replaced, only get a new version.
      updateMethod: 'NewVersion',
      content: proveIdentity(),
    });
  }
}

function deploymentOf(scope: Construct, settings: Settings): string {
  const { stackName, region } = Stack.of(scope);
  const deployment = settings.deployment ?? `${stackName}-${region}`;
  if (!Token.isUnresolved(deployment) && deployment.length > LONGEST_DEPLOYMENT) {
    throw new Error(
      `The deployment's id '${deployment}' has more than ${LONGEST_DEPLOYMENT} characters: set 'deployment' to a shorter one.`,
    );
  }
  return deployment;
}

/** A stack that is StepUp and nothing else. */
export class StepUpStack extends Stack {
  readonly stepUp: StepUp;

  constructor(parent: Construct, { stackName, ...settings }: Configuration, props: StackProps = {}) {
    super(parent, stackName, { description: 'StepUp: extra permissions for an EC2 instance, for one job', ...props });
    this.stepUp = new StepUp(this, 'StepUp', settings);
  }
}
