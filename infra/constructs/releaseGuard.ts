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
 * Asked by CloudFormation before it takes from a run what it needs to be undone: the one before anything of StepUp is
 * changed, the other before anything of it is deleted. If it refuses, the deployment is rolled back, and nothing has been
 * done. Without the provider framework of CDK, which would bring wider permissions than the guard's own.
 */
export class ReleaseGuard extends Construct {
  /** Everything that an upgrade may change depends on it: so it is updated first. */
  readonly upgrade: CfnResource;
  /** Depends on everything: so it is deleted first. */
  readonly removal: CfnResource;

  constructor(parent: Construct, id: string, { deployment, restorableRoles, guard }: ReleaseGuardProps) {
    super(parent, id);
    const guarding = (what: 'upgrade' | 'removal') => {
      const resource = new CfnCustomResource(this, what === 'upgrade' ? 'Upgrade' : 'Removal', {
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
    this.upgrade = guarding('upgrade');
    this.removal = guarding('removal');
  }

  /** @param constructs all of StepUp but the guard and its function, which are there before and after */
  stand(constructs: IConstruct[]): void {
    for (const construct of constructs) {
      construct.node.addDependency(this.upgrade);
      this.removal.node.addDependency(construct);
    }
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
