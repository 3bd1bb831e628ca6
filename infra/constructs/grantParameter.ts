import { Aws, Stack } from 'aws-cdk-lib';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { bind, type Grant } from '../../state-machine/catalogue';
import { LONGEST } from '../sizes';

export interface GrantParameterProps {
  name: string;
  grant: Grant;
  deployment: string;
}

/** Of an advanced parameter. */
const LARGEST_VALUE = 8192;

/**
 * A grant of this release, to be read from outside: the command line lists these. Nothing is decided by them, the functions
 * carry the catalogue itself.
 */
export class GrantParameter extends CfnParameter {
  constructor(parent: Construct, { name, grant, deployment }: GrantParameterProps) {
    const size = Buffer.byteLength(JSON.stringify({ ...grant, policy: bind(grant.policy, LONGEST) }));
    if (size > LARGEST_VALUE) {
      throw new Error(
        `Grant '${name}' would have up to ${size} characters as a parameter, Parameter Store allows ${LARGEST_VALUE}: ` +
          'shorten its documents or its policy, or split it into two grants.',
      );
    }
    const here = { partition: Aws.PARTITION, region: Aws.REGION, account: Aws.ACCOUNT_ID };
    super(parent, `Grant-${name}`, {
      name: `/stepup/${deployment}/grants/${name}`,
      description: 'A grant of StepUp',
      type: 'String',
      // Advanced only from 4,096 characters on. To say so here would fail when a grant shrinks: there is no way back.
      tier: 'Intelligent-Tiering',
      value: Stack.of(parent).toJsonString({ ...grant, policy: bind(grant.policy, here) }),
    });
  }
}
