import { Stack, type StackProps, Tags, Token } from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct, type IConstruct } from 'constructs';
import { AMAZON_DOCUMENT, arnsOf } from './arns';
import { buildRelease, documentsOf } from './catalogue';
import {
  type ConfigurationInput,
  configurationSchema,
  IS_RESERVED,
  LONGEST_DEPLOYMENT,
  parseOrExplain,
  type Settings,
  type SettingsInput,
  settingsSchema,
} from './config';
import { Api } from './constructs/api';
import { CeilingPolicy } from './constructs/ceilingPolicy';
import { DeadLetters } from './constructs/deadLetters';
import { GrantParameter } from './constructs/grantParameter';
import { Machine } from './constructs/machine';
import { Nets } from './constructs/nets';
import { guardName, ReleaseGuard } from './constructs/releaseGuard';
import { Schedules } from './constructs/schedules';
import { StepUpFunction } from './constructs/stepUpFunction';
import { proveIdentity } from './documents/proveIdentity';
import { FUNCTION_NAMES, type FunctionName } from './permissions';
import type { Scope } from './permissions/permission';
import { readSchedules } from './scheduleFiles';
import { warn } from './warnings';
import { Watching } from './watching/watching';

export type StepUpProps = SettingsInput;

/** StepUp inside an app of your own: `new StepUp(this, 'StepUp', { restorableRoles: ['arn:aws:iam::…:role/app-*'] })`. */
export class StepUp extends Construct {
  /** The deployment's id; may be a token, as the stack's region is. */
  readonly deployment: string;
  /** Start executions of this one. */
  readonly elevation: Machine;
  /** Started by StepUp alone. */
  readonly recovery: Machine;
  /**
   * Where requesters ask. Let them in by its `grantRequest`, not by CDK's `grantExecute` of a method (`grantInvoke` of the
   * routes of an HTTP API): that puts * in the place of {grant} and {instanceId}, and who may ask for one grant on one instance
   * may ask for all on all.
   */
  readonly api: Api;
  /** What starts elevations by the clock. */
  readonly schedules: Schedules;
  /** By the name of their folder. What they may do is complete: a `grant…` to one of them adds nothing. */
  readonly functions: Record<FunctionName, StepUpFunction>;
  /** Alarms are told here: subscribe whoever should hear of them. */
  readonly alarmTopic: ITopic;
  /** Events that nobody could handle. */
  readonly deadLetters: DeadLetters;

  constructor(parent: Construct, id: string, props: StepUpProps) {
    super(parent, id);
    const settings = parseOrExplain(`The configuration of ${this.node.path}`, settingsSchema, props);
    const deployment = deploymentOf(this, settings);
    requireOnlyOne(this, deployment);
    const release = buildRelease(settings);
    const { catalogue } = release;
    const arns = arnsOf(deployment);
    const scope: Scope = { ...settings, arns, documents: documentsOf(catalogue).map(arns.document) };
    const schedules = readSchedules(settings.schedulesFolder, {
      ...{ catalogue, outputLocations: settings.outputLocations, now: Date.now() },
      arnPrefix: schedulesPrefix(this, deployment),
    });
    warn(this, settings, { ...release, schedules });

    this.deployment = deployment;
    const ceilings = release.ceilings.map((ceiling) => new CeilingPolicy(this, { ceiling, deployment }));
    for (const [name, grant] of Object.entries(catalogue.grants)) new GrantParameter(this, { name, grant, deployment });
    const deadLetters = new DeadLetters(this, { deployment });
    this.deadLetters = deadLetters;
    const common = { deployment, settings, catalogue, scope, ceilings, deadLetters };
    this.functions = Object.fromEntries(
      FUNCTION_NAMES.map((name) => {
        const physicalName = name === 'guardRelease' ? guardName(this) : `${deployment}-${name}`;
        return [name, new StepUpFunction(this, { name, physicalName, ...common })];
      }),
    ) as Record<FunctionName, StepUpFunction>;
    const machine = { deployment, functions: this.functions, logRetention: settings.logRetentionDays };
    this.elevation = new Machine(this, { kind: 'elevation', ...machine });
    this.recovery = new Machine(this, { kind: 'recovery', ...machine });
    const { recover, sweep, runScheduled } = this.functions;
    this.schedules = new Schedules(this, { deployment, arns, schedules, runScheduled, deadLetters });
    this.api = new Api(this, { deployment, settings, catalogue, handler: this.functions.requestElevation });
    const nets = new Nets(this, 'Nets', { deployment, elevation: arns.elevation.machine, recover, sweep, deadLetters });
    this.alarmTopic = new Watching(this, 'Watching', { stepUp: this, arns, nets, settings }).topic;
    new CfnDocument(this, 'ProveIdentity', {
      name: `${deployment}-ProveIdentity`,
      documentType: 'Command',
      documentFormat: 'JSON',
      targetType: '/AWS::EC2::Instance',
      // A document with a name cannot be replaced, only get a new version.
      updateMethod: 'NewVersion',
      content: proveIdentity(),
    });
    this.guardReleases(settings);
    // CDK knows tags of dashboards, CloudFormation's schema (as of cfn-lint 1.51) does not.
    const options = { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] };
    for (const [key, value] of Object.entries(settings.tags)) Tags.of(this).add(key, value, options);
  }

  /**
   * Lets somebody start elevations, follow them and stop them. Whoever may is an administrator of StepUp: of every grant, on
   * every enrolled instance, with any work that the grant's documents do.
   */
  grantAdministerElevations(grantee: IGrantable): Grant {
    const { elevation } = this;
    const run = ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'];
    return elevation
      .grant(grantee, 'states:StartExecution', 'states:ListExecutions')
      .combine(elevation.grantExecution(grantee, ...run));
  }

  /** Last: the guard stands before and behind all that is there by then. */
  private guardReleases({ restorableRoles }: Settings): void {
    const { deployment, functions, elevation, schedules } = this;
    const isGuards = ({ node }: IConstruct) => node.id.startsWith('guardRelease');
    const recovering = this.node.children.filter(
      (child) => child !== elevation && child !== schedules && !isGuards(child),
    );
    const props = { deployment, restorableRoles, guard: functions.guardRelease };
    new ReleaseGuard(this, 'ReleaseGuard', props).stand({ elevation, starting: [schedules], recovering });
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
  if (AMAZON_DOCUMENT.test(deployment)) {
    throw new Error(`The deployment's id '${deployment}' ${IS_RESERVED}. Set 'deployment' to another.`);
  }
  return deployment;
}

/** What the ARN of every schedule begins with; wildcards stand for what is not known before it is deployed. */
function schedulesPrefix(scope: Construct, deployment: string): string {
  const { partition, region, account } = Stack.of(scope);
  const [a, b, c, d] = [partition, region, account, deployment].map((part) => (Token.isUnresolved(part) ? '*' : part));
  return `arn:${a}:scheduler:${b}:${c}:schedule/${d}/`;
}

/**
 * Two with one id in one account and region would have one name for two things; tokens are the same if they are the same text.
 * @throws Error that names both
 */
function requireOnlyOne(own: StepUp, deployment: string): void {
  const { account, region } = Stack.of(own);
  const other = own.node.root.node.findAll().find((construct): construct is StepUp => {
    if (!(construct instanceof StepUp) || construct === own || construct.deployment !== deployment) return false;
    const there = Stack.of(construct);
    return there.account === account && there.region === region;
  });
  if (!other) return;
  throw new Error(
    `${own.node.path} and ${other.node.path} are both the deployment '${deployment}' in one account and region: set 'deployment' of one of them to another id.`,
  );
}

/** A stack that is StepUp and nothing else. */
export class StepUpStack extends Stack {
  readonly stepUp: StepUp;

  constructor(parent: Construct, configuration: ConfigurationInput, props: StackProps = {}) {
    const { stackName, ...settings } = parseOrExplain('The configuration', configurationSchema, configuration);
    super(parent, stackName, { description: 'StepUp: extra permissions for an EC2 instance, for one job', ...props });
    this.stepUp = new StepUp(this, 'StepUp', settings);
  }
}
