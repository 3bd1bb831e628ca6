import { CfnCustomResource, type CfnResource, Stack, Token } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { ceilingPath } from '../../state-machine/catalogue';
import type { StepUpFunction } from './stepUpFunction';

export interface ReleaseGuardProps {
  deployment: string;
  restorableRoles: string[];
  /** guardRelease. */
  guard: StepUpFunction;
}

/** CloudFormation waits no longer for an answer; the function has five minutes. */
const PATIENCE_SECONDS = 600;

/** The longest stack whose region and function fit behind it into the 64 characters of a function's name. */
const LONGEST_STACK_NAME = 64 - '-ap-northeast-1-guardRelease'.length;

/**
 * Asked by CloudFormation before it takes from a run what it needs to be undone. If it refuses an update, that is rolled
 * back, and nothing has been done; if it refuses a deletion, all that recovers stays. A stack is deleted in this order:
 * `removal`, the schedules, the elevation machine, `closing`, the rest, `upgrade`, the guard's function. Without the provider framework of CDK, which would bring wider permissions than the guard's own.
 */
export class ReleaseGuard extends Construct {
  /** Everything that an upgrade may change depends on it: so it is updated first. */
  readonly upgrade: CfnResource;
  /** Depends on everything that recovers, and the elevation machine on it: by then no run can start any more. */
  readonly closing: CfnResource;
  /** Depends on everything: so it is updated last, and deleted first. */
  readonly removal: CfnResource;

  constructor(parent: Construct, id: string, { deployment, restorableRoles, guard }: ReleaseGuardProps) {
    super(parent, id);
    const guarding = (what: 'upgrade' | 'closing' | 'removal', childId: string) => {
      const resource = new CfnCustomResource(this, childId, {
        serviceToken: guard.functionArn,
        serviceTimeout: PATIENCE_SECONDS,
      });
      resource.addOverride('Type', 'Custom::StepUpReleaseGuard');
      const properties = {
        Guards: what,
        Deployment: deployment,
        ElevationsPath: '/stepup/elevations/',
        CeilingsPath: ceilingPath(deployment),
        Machine: `${deployment}-elevation`,
        RestorableRoles: restorableRoles,
      };
      for (const [name, value] of Object.entries(properties)) resource.addPropertyOverride(name, value);
      return resource;
    };
    this.upgrade = guarding('upgrade', 'Upgrade');
    this.closing = guarding('closing', 'Closing');
    this.removal = guarding('removal', 'Removal');
  }

  /**
   * @param all `starting` starts elevations, and goes before the machine does; `recovering` is all of StepUp but that, the
   * elevation machine, the guard and its function
   */
  stand({
    elevation,
    starting,
    recovering,
  }: Record<'starting' | 'recovering', IConstruct[]> & { elevation: IConstruct }): void {
    for (const construct of recovering) {
      construct.node.addDependency(this.upgrade);
      this.closing.node.addDependency(construct);
      this.removal.node.addDependency(construct);
    }
    elevation.node.addDependency(this.upgrade, this.closing);
    for (const construct of starting) {
      construct.node.addDependency(elevation);
      this.removal.node.addDependency(construct);
    }
    this.removal.node.addDependency(elevation, this.closing);
  }
}

/**
 * Of the guard's function and role: not by the deployment's id, which an upgrade may change. CloudFormation lets no custom
 * resource change its function.
 * @returns undefined when CloudFormation has to find a name: for a second StepUp in one stack, or a stack with a long name
 */
export function guardName(scope: Construct): string | undefined {
  const stack = Stack.of(scope);
  const { stackName, region } = stack;
  const isFirst = scope.node.id === 'StepUp' && scope.node.scope === stack;
  if (!isFirst || Token.isUnresolved(stackName) || stackName.length > LONGEST_STACK_NAME) return undefined;
  return `${stackName}-${region}-guardRelease`;
}
