import type { EC2Client } from '@aws-sdk/client-ec2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Command, Proof, Script, TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import type { Deps } from '../common/lambda';
import { follow } from './follow';
import { prove } from './prove';
import { send } from './send';

/** `ssmOnce` sends every request a single time. */
type Clients = { ec2: EC2Client; iam: IAMClient; ssm: SSMClient; ssmOnce: SSMClient };

/** The three phases of the work, each a state of its own: only `send` must never be repeated. */
export async function runScript(event: TaskEvent, deps: Deps<Clients>): Promise<Proof | Command | Script> {
  switch (event.purpose) {
    case 'prove':
      return prove(event, deps);
    case 'send':
      return send(event, deps);
    case 'poll':
      return follow(event, deps);
    default:
      throw new StepUpError(
        'RequestInvalid',
        `runScript has no phase '${event.purpose}': the state machine and the functions are of different releases.`,
      );
  }
}
