import { Aws, Fn, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { CfnManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { bind, ceilingPath } from '../../state-machine/catalogue';
import type { Ceiling } from '../ceilings';
import { LONGEST } from '../sizes';

export interface CeilingPolicyProps {
  ceiling: Ceiling;
  deployment: string;
}

/** Of a managed policy's name. */
const LONGEST_NAME = 128;

/** What the names begin with that CloudFormation gives our log groups, `<stack>-<logical id>-<13 characters>`, as far as there is room for it. */
function generatedNames(parent: Construct): { stack: string; construct: string } {
  const stack = Stack.of(parent);
  const ids = parent.node.scopes.slice(stack.node.scopes.length).map(({ node }) => node.id);
  return {
    stack: stack.stackName,
    construct: ids
      .join('')
      .replace(/[^A-Za-z0-9]/g, '')
      .slice(0, LONGEST.construct.length),
  };
}

/**
 * A ceiling as a managed policy. Retained: a temp role may still wear it when the stack has gone on, or gone. CloudFormation
 * names it, so that a grant which returns to an earlier text, and a deployment anew, do not meet what was retained. The
 * logical id holds the hash: another text is another policy, and none is ever updated.
 */
export class CeilingPolicy extends CfnManagedPolicy {
  /** Of a grant, or INHERIT. */
  readonly of: string;

  constructor(parent: Construct, { ceiling, deployment }: CeilingPolicyProps) {
    super(parent, `Ceiling-${ceiling.of}-${ceiling.hash}`, {
      path: ceilingPath(deployment),
      description: 'Ceiling of temp roles of StepUp',
      policyDocument: bind(ceiling.policy, {
        partition: Aws.PARTITION,
        region: Aws.REGION,
        account: Aws.ACCOUNT_ID,
        deployment,
        ...generatedNames(parent),
      }),
    });
    this.of = ceiling.of;
    // Not when the very first deployment rolls back: then nobody can wear it.
    this.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }

  /** The end of arn:PARTITION:iam::ACCOUNT:policy/stepup/ceilings/DEPLOYMENT/NAME. */
  get name(): string {
    return Fn.select(4, Fn.split('/', this.ref));
  }

  /** How many characters CloudFormation's `<stack>-<logical id>-<13 characters>` can have. */
  get longestName(): number {
    const { stackName } = Stack.of(this);
    if (Token.isUnresolved(stackName)) return LONGEST_NAME;
    const logicalId: string = Stack.of(this).resolve(this.logicalId);
    return Math.min(`${stackName}-${logicalId}-`.length + 13, LONGEST_NAME);
  }
}
