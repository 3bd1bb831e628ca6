import { createHash } from 'node:crypto';
import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { isAws } from './awsErrors';
import { type ExecutionId, recoveryMachine } from './names';

/**
 * Starts a recovery of an elevation. Its name begins with the elevation's, so that a person finds it, and ends with a
 * hash over the elevation and `occasion`: the same occasion, told twice, is the same recovery.
 * @returns the recovery's execution ARN
 */
export async function startRecovery(
  sfn: SFNClient,
  elevation: ExecutionId,
  deployment: string,
  occasion: string,
): Promise<string> {
  const hash = createHash('sha256').update(`${elevation.arn} ${occasion}`).digest('hex').slice(0, 16);
  // aws-facts 5.3: at most 80 characters.
  const name = `${elevation.name.slice(0, 63)}-${hash}`;
  const { partition, region, account } = elevation;
  const machine = recoveryMachine(deployment);
  const arn = `arn:${partition}:states:${region}:${account}:execution:${machine}:${name}`;
  try {
    await sfn.send(
      new StartExecutionCommand({
        stateMachineArn: `arn:${partition}:states:${region}:${account}:stateMachine:${machine}`,
        name,
        input: JSON.stringify({ execution: elevation.arn }),
      }),
    );
  } catch (error) {
    // It has run and ended: this is the second telling of an event.
    if (!isAws(error, 'ExecutionAlreadyExists')) throw error;
  }
  return arn;
}
