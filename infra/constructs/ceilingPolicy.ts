import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { CfnManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { bind, ceilingPath } from '../../state-machine/catalogue';
import type { Ceiling } from '../ceilings';

export interface CeilingPolicyProps {
  ceiling: Ceiling;
  deployment: string;
}

/** A ceiling as a managed policy. Retained: a temp role may still wear it when the stack has gone on, or gone. */
export class CeilingPolicy extends CfnManagedPolicy {
  constructor(parent: Construct, { ceiling, deployment }: CeilingPolicyProps) {
    super(parent, ceiling.name.replace('${deployment}-', 'Ceiling-'), {
      managedPolicyName: ceiling.name.replace('${deployment}', deployment),
      path: ceilingPath(deployment),
      description: 'Ceiling of temp roles of StepUp',
      policyDocument: bind(ceiling.policy, {
        partition: Aws.PARTITION,
        region: Aws.REGION,
        account: Aws.ACCOUNT_ID,
        deployment,
      }),
    });
    // Not when the very first deployment rolls back: then nobody can wear it, and its name would be in the way.
    this.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }
}
